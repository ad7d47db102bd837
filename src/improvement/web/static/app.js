// Everything works without this; it only makes things quicker or kinder.
import { initAll } from './govuk-frontend.min.js?v=6.3.0'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()
