"""The wordings by which `graph/next_steps.py` finds promises, requests, offers, and until when (English; pure)."""

import re

from graph.phrases import any_of

ADVERBS = (
    r"(?:(?:\w+ly|also|just|then|gladly|happily|of course|certainly|surely|try to|make sure to|go and|be able to) )*"
)
WILL = r"(?:i|we)(?:'ll| will| shall|'m going to| am going to|'re going to| are going to|'m gonna|'re gonna)"
PAPERS = (
    r"(?:contracts?|offers?|quotes?|quotations?|proposals?|slides?|deck|links?|pages?|summary|summaries|documents?|"
    r"documentation|agreements?|recordings?|minutes|notes|invites?|invitations?|price list|prices|pricing|figures|"
    r"examples?|references?|case stud(?:y|ies)|reports?|drafts?|lists?|calendar|files?|details|answers?|samples?|"
    r"trial|access|account|log-?ins?|(?:order )?forms?)"
)
SEND = r"(?:send|forward|e-?mail|mail|share|resend)"
LATER = (
    r"(?:get back to (?:you|him|her|them)|come back to (?:you|him|her|them)|follow up|call (?:you|him|her|them) back|"
    r"reach out|let (?:you|him|her|them) know|look into (?:it|this|that|the|your|how|whether|why)|find out|"
    r"put together|prepare|draft|write up|set up|schedule|arrange|book|organi[sz]e|"
    r"keep you (?:posted|updated|in the loop)|put you in touch|connect you with|introduce you to|loop in|"
    r"double[- ]check|clarify|raise (?:it|this|that) with|discuss (?:it|this|that) (?:with|internally)|"
    r"talk to (?:my|our|the)|speak (?:to|with) (?:my|our|the)|ask (?:(?:my|our|the)(?! question)|them|around)|"
    r"bring (?:it|this|that) up with|"
    r"tell (?:my|our|the) (?:team|boss|engineers?|designers?|developers?|people|colleagues?|manager|product)|"
    r"pass (?:it|this|that) on|"
    r"raise (?:it|this|that)(?= internally|[.,!]|$)|be in touch|connect you(?=[.,!]|$)|discuss (?:it |this |"
    r"that )?internally|pencil in)"
)
CHECK = (
    r"(?:check|verify|confirm)(?= (?:with|if|whether|how|what|when|on)\b| (?:that|this|it)(?: for| with| and| after|"
    r" today| tomorrow|[.,!]|$)|[.,!]|$)"
)
SOON = r"(?:show|call|ring|tell|bring|write|e-?mail|meet|visit|demo) (?:you|it|that|this|him|her|them)\b"
"""What may happen in the call just as well: a step only with the words that say until when."""
WRITE = r"write (?:you|him|her|them|a|an|it|that|this|up)"
SENDING = (
    rf"{SEND} (?:it |this |that |them |everything |over )*(?:over |across |on )?(?:to )?(?:you|him|her|them|"
    rf"everyone|everybody|all)\b",
    rf"{SEND} (?:over |across |out |round )?(?:it|this|that|them|the|a|an|our|my|"
    rf"some) ?(?:\w+ ){{0,3}}?(?:to you|over|across|around|{PAPERS})\b",
    rf"{SEND} (?:it|this|that|them|those)(?=[.,!]|$| (?:today|tomorrow|tonight|by|on|this|next|after|right|"
    rf"straight|as)\b)",
    r"(?:put|include|add) [\w' -]{1,40} (?:in|into|to) (?:the|our|your|an?) (?:offer|quote|proposal|contract)",
    rf"(?:give|get|make|provide) (?:you|him|her|them)(?: with)? (?:the|a|an|some|our|"
    rf"access) ?(?:\w+ ){{0,3}}?{PAPERS}\b",
)
ACTION = rf"(?:{'|'.join(SENDING)}|{LATER}\b|{CHECK}|{WRITE}\b)"
PROMISED = any_of(
    rf"\b{WILL} {ADVERBS}{ACTION}",
    r"\blet me (?:just |quickly )?(?:check with|get back to|come back to|find out|look into|ask (?:my|our|"
    r"the)(?! question)|"
    r"talk to (?:my|our|the)|speak (?:to|with) (?:my|our|the)|confirm with|double[- ]check (?:with|that with))\b",
    rf"\bi promise to {ADVERBS}{ACTION}",
)
PROMISED_SOON = any_of(rf"\b(?:{WILL}|let me) {ADVERBS}{SOON}")
OFFERED = any_of(
    rf"\b(?:shall|should|may) (?:i|we) {ADVERBS}{ACTION}",
    rf"\b(?:would you like|do you want) (?:me|us) to {ADVERBS}{ACTION}",
)
PLEASE = r"(?:please |just |also |maybe |perhaps |possibly |then )*"
GIVE = (
    rf"{SEND} (?:me|us|it|this|that|over)\b",
    # "Can you send an invoice to two addresses?" asks what the product does.
    rf"{SEND} (?:the|a|an|your|some|our|those|these) (?:[\w-]+ ){{0,3}}?{PAPERS}\b",
    rf"(?:give|get|provide) (?:me|us)(?: with)? [\w' -]{{0,40}}?{PAPERS}\b",
    r"let (?:me|us) know\b",
    r"(?:get|come) back to (?:me|us)\b",
    r"(?:put me|put us) in touch\b",
    r"(?:prepare|draft|put together|set up|schedule|arrange|organi[sz]e|write (?:up|me|us|a|an)|follow up|look into|"
    r"find out|leave (?:me|us) (?:a|your|the)|check (?:with|if|whether|on)|confirm (?:that|whether|if|by|in)|"
    r"introduce (?:me|us) to|connect (?:me|us) with|"
    r"extend|add (?:it|this|that) to)\b",
)
ASKED = any_of(
    rf"\b(?:can|could|would|will) you {PLEASE}(?:{'|'.join(GIVE)})",
    rf"\b(?:can|could|may) (?:i|we) {PLEASE}(?:have|get|see) (?:the|a|an|your|some|that|this|"
    rf"access) ?(?:[\w-]+ ){{0,4}}?{PAPERS}\b",
    rf"\b(?:can|could|may) (?:i|we) {PLEASE}(?:test|try|pilot|trial) (?:it|this|that|the|your|out|a)\b",
    r"\bwould you mind (?:sending|forwarding|sharing|checking|preparing|setting up|writing)\b",
)
ASKED_PLAINLY = any_of(
    rf"(?:^|[,;] ?|\b(?:so|and|then|yes|ok|okay) )\s*(?:please|kindly) {PLEASE}(?:{'|'.join(GIVE)})",
    rf"^\s*{SEND} (?:me|us|my|our) ",
    rf"\b(?:i|we)(?:'d| would) (?:like|love|want|appreciate) (?:for )?you to (?:{'|'.join(GIVE)})",
    rf"\bif you could {PLEASE}(?:{'|'.join(GIVE)})",
)
NOW = re.compile(
    r"\b(?:your screen|my screen|the screen|in the chat|hear (?:me|us|you)|louder|again please|on mute|"
    r"be honest|right now|in a (?:minute|second|sec|moment|bit)|down on|write (?:it|that|this) down|"
    r"on the board|as we speak|share your (?:thoughts|view|views|experience|opinion))\b",
    re.IGNORECASE,
)
"""Said of the call itself: it is over when the call is."""
TAG = re.compile(r",\s*(?:ok|okay|right|alright|all right|yes|yeah|if that's ok|if that is ok)\W*\?\s*$", re.IGNORECASE)
ROUTINE = re.compile(r"\b(?:every|each|always|usually|normally|automatically)\b", re.IGNORECASE)
"""What somebody does every Monday is how they work, not a step."""
ACCEPTED = re.compile(
    r"^\W*(?:oh |ah |well |ok,? )?(?:yes|yeah|yep|sure|please|of course|absolutely|definitely|certainly|gladly|"
    r"perfect|"
    r"great|that would (?:be|help)|that'd be|i'd (?:like|love|appreciate) that|ok|okay|do that|good idea|go ahead)\b",
    re.IGNORECASE,
)
REFUSED = re.compile(r"\b(?:no need|not necessary|no thank|rather not|don't|do not|but not|no,)\b", re.IGNORECASE)

WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
DAY = rf"(?:(?:{WEEKDAYS})(?: (?:morning|afternoon|evening|noon))?)"
NUMBER = r"(?:the )?\d{1,2}(?:st|nd|rd|th)?"
DATE = rf"(?:{NUMBER}(?: of)? (?:{MONTHS})|(?:{MONTHS}) {NUMBER})"
COUNT = r"(?:a|an|one|two|three|four|five|six|seven|ten|\d{1,2}|a couple of|a few|the next (?:few|two|three)|the next)"
POINT = (
    rf"(?:{DAY}|{DATE}|tomorrow(?: (?:morning|afternoon|evening|noon))?|today|tonight|noon|midnight|eod|cob|"
    rf"(?:next|this|the following) (?:week|month|quarter|{DAY})|(?:the )?end of (?:the |this |next )?(?:day|"
    rf"week|month|quarter|year)|"
    r"this (?:morning|afternoon|evening)|lunch(?:time)?)"
)
DUE = any_of(
    rf"\b(?:by|before|until|till|no later than|at the latest by|on|not later than) (?:early |"
    rf"late )?{POINT}(?: at the latest)?\b",
    rf"\b(?:in|within) (?:the next )?{COUNT} (?:business |working )?(?:minutes?|hours?|days?|weeks?|months?)\b",
    rf"\b(?:first thing |early |later |late )?(?:tomorrow(?: (?:morning|afternoon|evening))?|tonight|today|"
    rf"next (?:week|month|quarter|{DAY})|"
    rf"this (?:afternoon|evening|week|{DAY})|end of (?:the )?(?:day|week|month))\b",
    r"\b(?:right |straight )?after (?:the|this|our) (?:call|meeting)\b",
    r"\b(?:as soon as possible|asap|right away|straight away|immediately)\b",
)
