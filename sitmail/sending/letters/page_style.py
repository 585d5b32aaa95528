"""How pages look: the frame, the colours of light and dark, and the tags of each block, with their styles inlined.

Styles stand in the tags, because some mail programs drop the style sheet (Gmail in accounts of others) and Outlook's
Word engine knows few rules: tables, margins, borders, colours.  The sheet adds what needs a media query: dark colours.
They are constants, written once by hand: there are few tags, and so no program has to inline anything.
Text against its ground has a contrast of 4.5 at least, which a test computes.
"""

from __future__ import annotations

INK, GROUND, MUTED, LINE, FIELD, LINK = "#1f2328", "#ffffff", "#57606a", "#d0d7de", "#f6f8fa", "#0550ae"
PUBLIC, INTERNAL = "#1a7f37", "#9a6700"  # the edge beside the line that says who reads a reply
DARK = {INK: "#e6e8eb", GROUND: "#1b1d20", MUTED: "#a9b1ba", LINE: "#454c54", FIELD: "#292d32", LINK: "#8ab8ff"}
DARK |= {PUBLIC: "#57ab5a", INTERNAL: "#c69026"}

FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
MONO = "font-family:Consolas,Menlo,monospace"
_SHEET = f"""\
:root{{color-scheme:light dark}}
details summary{{cursor:pointer}}
@media (max-width:480px){{
.label{{white-space:normal!important;overflow-wrap:normal!important}}
.head{{padding-left:3px!important;font-size:9.5px!important;line-height:14px!important}}
}}
@media (prefers-color-scheme:dark){{
body,.page{{background:{DARK[GROUND]}!important;color:{DARK[INK]}!important}}
.muted{{color:{DARK[MUTED]}!important}}
.rule{{border-color:{DARK[LINE]}!important}}
.field{{background:{DARK[FIELD]}!important}}
.button{{background:{DARK[FIELD]}!important;color:{DARK[LINK]}!important;border-color:{DARK[LINE]}!important}}
.public{{border-color:{DARK[PUBLIC]}!important}}
.internal{{border-color:{DARK[INTERNAL]}!important}}
.full{{background:{DARK[LINK]}!important}}
a{{color:{DARK[LINK]}}}
}}
"""
# {language} {direction} {title} {preview}
HEAD = f"""\
<!DOCTYPE html>
<html lang="%s" dir="%s">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>%s</title>
<style>
{_SHEET}</style>
</head>
<body style="margin:0;padding:0;background:{GROUND};color:{INK}">
<div style="display:none;max-height:0;overflow:hidden">%s</div>
<!--[if mso]><table width="640" cellpadding="0" cellspacing="0"><tr><td><![endif]-->
<table class="page" role="presentation" width="100%%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:640px;background:{GROUND};color:{INK}"><tr>
<td style="padding:20px 16px;{FONT};font-size:16px;line-height:24px;overflow-wrap:anywhere">
"""
TAIL = """\
</td></tr></table>
<!--[if mso]></td></tr></table><![endif]-->
</body>
</html>
"""

PARAGRAPH = '<p style="margin:0 0 16px">'
HEADING = '<p style="margin:0 0 8px"><b>'
WORDS = '<div class="words" dir="%s" style="margin:0 0 16px">'
WORDS_PARAGRAPH = '<p style="margin:0 0 12px">'
QUOTE = f'<blockquote class="rule" dir="%s" style="margin:0 0 16px;padding:0 0 0 14px;border-left:3px solid {LINE}">'
NOTE = f'<p class="muted" style="margin:0 0 16px;font-size:14px;line-height:21px;color:{MUTED}">'
AUDIENCE = (
    '<p class="field %s" style="margin:0 0 20px;padding:8px 12px;font-size:14px;line-height:21px;'
    f'background:{FIELD};border-left:4px solid %s"><b>'
)
FACTS = (
    '<table class="facts" cellpadding="0" cellspacing="0" border="0" '
    'style="margin:0 0 20px;font-size:14px;line-height:21px">'
)
LABEL = f'<tr><td class="muted label" valign="top" style="padding:2px 16px 2px 0;white-space:nowrap;color:{MUTED}">'
VALUE = '</td><td valign="top" style="padding:2px 0">'
ITEM = f'<p style="margin:0 0 10px 16px"><span style="{MONO};font-size:14px">'
FOLD = '<details style="margin:0 0 16px"><summary style="margin:0 0 8px"><b>'
FOLD_END = "</details>"
ENTRY = f'<p class="muted" style="margin:0 0 %spx;font-size:14px;line-height:21px;color:{MUTED}">'
STRONG_ENTRY = '<p style="margin:0 0 %spx;font-weight:bold">'
SAID = '<div dir="%s" style="margin:0 0 16px 16px">'
TABLE = (
    '<table class="grid" cellpadding="0" cellspacing="0" border="0" '
    'style="margin:0 0 20px;font-size:14px;line-height:21px">'
)
CELL = f'align="left" valign="top" class="rule" style="padding:4px 12px 4px 0;border-bottom:1px solid {LINE}">'
BAR = (
    '<table role="presentation" width="100%%" cellpadding="0" cellspacing="0" border="0" '
    'style="max-width:320px;margin:0 0 4px"><tr>'
)
BAR_FULL = (
    f'<td class="full" width="%s%%" height="8" style="background:{LINK};font-size:1px;line-height:8px">&nbsp;</td>'
)
BAR_REST = f'<td class="field" height="8" style="background:{FIELD};font-size:1px;line-height:8px">&nbsp;</td>'
# Each button with its line is a table of its own beside the one before, so that they wrap on a narrow screen, also in
# programs that know no inline blocks.
BUTTON = '<table role="presentation" align="%s" cellpadding="0" cellspacing="0" border="0"><tr>'
BUTTON_CELL = '<td style="padding:0 12px 14px 0">'
BUTTON_LINK = (
    f' style="display:inline-block;min-height:24px;padding:10px 18px;line-height:24px;font-size:15px;color:{LINK};'
    f'background:{FIELD};border:1px solid {LINE};border-radius:8px;text-decoration:none">'
)
BUTTON_LINE = f'<br><span class="muted" style="{MONO};font-size:13px;color:{MUTED}">'
BUTTONS_END = '<div style="clear:both;font-size:1px;line-height:1px">&nbsp;</div>'
FOOT = (
    f'<p class="muted rule" style="margin:24px 0 0;padding:12px 0 0;border-top:1px solid {LINE};font-size:14px;'
    f'line-height:21px;color:{MUTED}">'
)
WHY = f'<p class="muted" style="margin:8px 0 0;font-size:14px;line-height:21px;color:{MUTED}">'
# Tables of reports (`figures`).  {align}
FIGURES = (
    '<table class="grid figures" width="100%" cellpadding="0" cellspacing="0" border="0" '
    'style="margin:0 0 20px;font-size:14px;line-height:20px">'
)
FIGURES_HEAD = (
    f'align="%s" valign="bottom" class="muted rule head" style="padding:4px 0 4px 6px;font-size:12px;line-height:16px;'
    f"hyphens:auto;-webkit-hyphens:auto;font-weight:normal;"
    f'color:{MUTED};border-bottom:2px solid {LINE}">'
)
FIGURES_CELL = f'align="%s" valign="top" class="rule" style="padding:4px 0 4px 8px;border-bottom:1px solid {LINE}">'
FIGURES_ABOVE = f'align="left" class="muted" style="padding:4px 0 0 8px;font-size:13px;color:{MUTED}">'
FIGURES_NAME = 'align="left" style="padding:8px 0 0 8px;font-weight:bold">'
FIGURES_BAR = (
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" '
    'style="max-width:240px;margin:2px 0 0"><tr>'
)
PICTURE = 'style="display:block;width:100%;max-width:608px;height:auto;border:0;background:#ffffff;border-radius:6px">'
