/** What is said to those we share with. */
export const sharing = {
  "recall.subject": {
    one: "{tlp} Please remove {count} value that we sent you",
    other: "{tlp} Please remove {count} values that we sent you",
  },
  "recall.says":
    "{community} has taken back what it told {organisation}. Please remove these values from your lists, rules and firewalls.",
  "recall.where": "You received them in {lists}.",
  "recall.value": "{kind} {value}: {why}",
  "recall.more": { one: "and {count} more", other: "and {count} more" },
  "recall.over": "Please remove what we sent you",
  "recall.ended":
    "The agreement between {community} and {organisation} ended on {time}. Please remove everything we sent you from your lists, rules, firewalls and platforms.",
  "recall.foot": "The lists have been without them since {time}. Fetch them again and nothing else is needed.",
  "why.false": "judged a false alarm",
  "why.withdrawn": "taken back by its source",
  "why.tightened": "no longer for you to have",
  "webhook.subject": "Your webhook was switched off",
  "webhook.says":
    "{community} could not reach {url} for {days} days and has stopped trying. The last answer was: {why}. Register it again when it works.",
  "audience.members": "All members",
  "audience.partners": "All partners",
} as const;
