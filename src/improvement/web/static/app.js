// Everything works without this; it only makes things quicker or kinder.
import { initAll } from './govuk-frontend.min.js?v=6.3.0'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()

// The coordinator's grid: rows say that they are changed, the bar counts them, and keys move from row to row.
const grid = document.querySelector('[data-grid]')
if (grid) {
  const form = grid.closest('form')
  const rows = [...grid.querySelectorAll('[data-row]')]
  const box = (row, name) => row.querySelector(`[name^="${name}-"]`)
  const tick = row => row.querySelector('.app-nochange')
  const tidy = text => text.trim().replace(/\s+/g, ' ')
  const changed = row => {
    const status = box(row, 'status'), expected = box(row, 'expected_on')
    const now = `${status ? status.value : 'published'}|${expected ? tidy(expected.value) : ''}`
    return now !== box(row, 'was').value || (box(row, 'note').value.trim() !== '' && !tick(row).checked)
  }
  const count = () => {
    let altered = 0, same = 0
    for (const row of rows) {
      const is = changed(row)
      row.classList.toggle('app-changed', is)
      row.querySelector('[data-changed]').hidden = !is
      altered += is
      same += !is && tick(row).checked
    }
    const left = rows.length - altered - same
    form.querySelector('[data-counts]').textContent = `${altered} changed, ${same} with no change, ${left} left as they were.`
  }
  form.addEventListener('input', count)
  form.addEventListener('change', count)
  document.querySelector('[data-tick-others]')?.addEventListener('click', event => {
    event.preventDefault()
    for (const row of rows) if (!changed(row) && !row.hasAttribute('data-done')) tick(row).checked = true
    count()
  })
  grid.addEventListener('keydown', event => {
    const select = event.target.matches('select')
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' || event.key === 'Enter' ? 1 : 0
    if (!step || event.altKey || !event.target.matches('input, select') || event.target.type === 'radio') return
    if (select && event.key !== 'Enter' && !event.ctrlKey) return
    const column = event.target.name === 'nochange' ? '.app-nochange' : `[name^="${event.target.name.split('-')[0]}-"]`
    const at = rows.indexOf(event.target.closest('[data-row]'))
    const ahead = step > 0 ? rows.slice(at + 1) : rows.slice(0, at).reverse()
    event.preventDefault()
    ahead.map(row => row.querySelector(column)).find(Boolean)?.focus()
  })
  count()
}
