"""A Board report as one content object, from which the web page and every file are made."""

from improvement.board_reports.document.composing import as_read as as_read
from improvement.board_reports.document.composing import compose as compose
from improvement.board_reports.document.content import Content as Content
from improvement.board_reports.document.reading import frozen as frozen
from improvement.board_reports.document.reading import hash_of as hash_of
from improvement.board_reports.document.reading import reduced as reduced
from improvement.board_reports.document.reading import thawed as thawed
