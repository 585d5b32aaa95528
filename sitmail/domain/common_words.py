"""Words that make sentences of courtesy, dates and grammar, and tell nothing by themselves: English, German, French.

`please let me know if you have any questions` is eight words and no secret.
"""

from __future__ import annotations

_ENGLISH = """
    a about after again all also always am an and any anything are as at attention back be because been before being
    best but by can case come could did do does doing done each either else email ever every few first for forward from
    further get give given go good had happy has have hear hearing hello help here hesitate hi him his how however i if
    in information inform into is it its just kind kindly know last let letting like look looking mail make many
    may me message more most much must my need next no nor not now of off on once one only or other our out over own
    patience please possible question questions regard regarding regards reply right same see send sent shall
    she he should since so some soon sorry still such sure take than thank thanks that the their them then
    there these they this those though through time to too touch try under understanding until up us use very via want
    was way we welcome well were what when where which while who why will wish with within without would write written
    wrote yet you your yours able apologise apologize apologies inconvenience caused contact assistance appreciate
    appreciated confirm day days hour hours week today tomorrow meanwhile below above attached
    dear sincerely faithfully anytime feel free don't doesn't can't it's i'm you're we're i'll we'll let's"""
_GERMAN = """
    aber alle allem allen aller alles als also am an auch auf aus bei beim bin bis bitte bitten da damit danke dann
    dank das dass dem den denn der des dich die dies diese diesem diesen dieser dieses doch durch ein eine einem einen
    einer eines er es etwas euch euer fragen frage für gerne gern gerade geduld grüße grüßen haben habe hat hatte hatten
    hallo herr frau sehr geehrte geehrter geehrten damen herren ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins
    ist ja jederzeit kann können könnte könnten lassen liebe lieber mehr melden meldung mein meine meinem meinen mich
    mir mit mail nach nachricht nicht noch nun nur ob oder rückfragen rückmeldung sein seine sich sie sind so sobald
    sollte sollten stehen steht uns unser unsere unserem unseren unserer unter über um und verfügung verständnis vielen
    vom von vor war waren was weitere weiteren wenn werden wie wieder wir wird wissen wünschen würde würden zu zum zur
    freundlichen freundliche mfg entschuldigen entschuldigung unannehmlichkeiten umstände hören freuen freue gruß
    schönen tag woche heute morgen melde melden antwort anfrage helfen hilfe hoffe hoffen kein keine keinen weiter"""
_FRENCH = """
    a afin ai à après au aucun aucune aussi autre aux avec avez avoir avons beaucoup bien bonjour bonsoir ce cela ces
    cet cette ci comme cordialement dans de des dès disposition dont du elle elles en encore est et été êtes être eu
    excuses faire fait ici il ils information informations je jour jours jusqu la le les leur leurs lui ma madame
    monsieur mais me meilleures meilleurs merci mes message moi mon ne n'hésitez n'hésite nos notre nous on ou où par
    pas patience plus pour pouvez pouvons prie quand que qu'il quel quelle question questions qui reste restons réponse
    sa salutations sans sentiments se ses si sincères sommes son sont suis sur ta te toute toutes tous tout très un une
    vos votre vous y compréhension contacter agréer distinguées gêne occasionnée bonne journée semaine demande"""
_DATES = """
    mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday jan feb mar apr may jun jul aug
    sep oct nov dec january february march april june july august september october november december utc gmt cet cest
    bst montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober dezember
    lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril juin juillet août septembre octobre
    novembre décembre uhr clock"""

LANGUAGES = {"en": frozenset(_ENGLISH.split()), "de": frozenset(_GERMAN.split()), "fr": frozenset(_FRENCH.split())}

# As `word_runs` compares them: letters alone, in UTF-8.
COMMON_WORDS = frozenset(
    "".join(filter(str.isalnum, word)).encode() for word in f"{_ENGLISH} {_GERMAN} {_FRENCH} {_DATES}".split()
)
