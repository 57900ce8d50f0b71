// Words by which a sentence gives itself away: a demand of the user, or a choice or finding of the model, in the languages that
// people mostly write to agents. Promises linear time; a sentence taken in vain costs room, one that is missed costs the work.

/** Only so much of a sentence is looked at: who demands something says so soon, and pasted data has no end. */
const LOOKED_AT = 1200;

const word = (...words: string[]): RegExp => new RegExp(`(?<![\\p{L}\\p{N}_])(?:${words.join("|")})(?![\\p{L}\\p{N}_])`, "iu");

const demands: readonly RegExp[] = [
  word(
    "must(?:n['’]?t)?|shall|should(?:n['’]?t)?|never|always|do(?:es)? not|don['’]?t|can(?:no|['’])t|may not|not|no|only|solely|exclusively|avoid",
    "without|requires?d?|needs? to|ha(?:ve|s) to|make sure|ensure|keep|leave|prefer|use|instead|forbidden|allowed|limit(?:ed)?|stick to|stop",
    "at most|at least|no more than|less than|more than|maximum|minimum|max|min|exactly|within|before|until|unless|except|ignore|remember|important",
  ),
  word(
    "muss|müssen|musst|soll(?:en|te|ten|st)?|darf|darfst|dürfen|niemals|nie|immer|nicht|kein(?:e[nmrs]?)?|nur|ausschließlich|höchstens|mindestens",
    "maximal|minimal|verwende[nt]?|benutze[nt]?|nutze[nt]?|ohne|statt|stattdessen|vermeide[nt]?|lass(?:e|t|en)?|achte|unbedingt|genau|außer|bleib(?:t|en)?|wichtig",
  ),
  word(
    "doit|dois|doivent|devez|jamais|toujours|ne|pas|seulement|uniquement|utilise[rz]?|évite[rz]?|sans|au plus|au moins|il faut|interdit|garde[rz]?",
    "debe[ns]?|nunca|siempre|no|solo|sólo|solamente|utiliza|usa|usar|evita|sin|al menos|como máximo|hay que",
    "deve|devem|devono|sempre|não|apenas|somente|sem|non|mai|senza|soltanto|almeno|al massimo",
  ),
  word("долж(?:ен|на|но|ны)|нельзя|никогда|всегда|только|не|используй(?:те)?|без|обязательно|нужно|надо|запрещено|минимум|максимум"),
  /必须|必需|必須|不要|不得|不能|不可|不准|不许|禁止|切勿|勿|别|只能|只|仅|务必|一定|始终|总是|从不|使用|保持|至少|最多|不超过|避免|应该|应当|需要|要求|不變|不变/u,
  /必ず|しない|禁止|のみ|だけ|べき|なければ|いけ(?:ない|ません)|使って|ください|ないこと|以内|以上|以下|絶対/u,
  /반드시|마세요|지 ?마|금지|절대|항상|해야|사용|만 |않/u,
];

/** A number, a path, a name in code marks: what a sentence about the matter itself holds. */
const matter = /\d|`[^`\n]+`|(?<![\p{L}\p{N}_.-])[\p{L}\p{N}_.-]+\/[\p{L}\p{N}_./-]+|(?<![\w-])[\w-]+\.[a-z]{1,5}\b/u;

const decisions: readonly RegExp[] = [
  word(
    "decid(?:e|ed|ing)|decisions?|ch(?:o|oo)se|chosen|instead of|rather than|going with|go with|settled on|opt(?:ed)? for|switch(?:ed|ing)? to|agreed",
    "root cause|the cause|caused by|turns out|conclusion|trade-?off|the fix is|will use|we use|keep(?:ing)? the",
  ),
  word(
    "entschieden|entscheidung|entscheide|stattdessen|ursache|gewählt|bleibe[nt]? bei|décidé|décision|choisi|plutôt|решено|решил[аи]?|выбрал[аи]?|причина",
  ),
  word("decidido|decisión|elegido|en lugar de|deciso|scelto|decidi|decisão"),
  /决定|改用|选择|采用|原因|结论|根因|決定|選択|採用|결정|선택|원인/u,
];

const findings: readonly RegExp[] = [
  word(
    "because|so that|the problem is|the reason|found(?: that)?|confirmed|using|instead|use|only|means|needs?|fails?|failed|fixed|works?|remaining",
  ),
  word("weil|grund|liegt|festgestellt|gefunden|parce que|porque|perché|потому|нашёл|нашел"),
  /因为|发现|理由|修复|때문|발견/u,
];

/** Whether a user's sentence demands, forbids or limits something. */
export function isDemand(sentence: string): boolean {
  const start = sentence.slice(0, LOOKED_AT);
  return demands.some((pattern) => pattern.test(start));
}

/** Whether a sentence names a number, a path or a piece of code. */
export function isAboutMatter(sentence: string): boolean {
  return matter.test(sentence.slice(0, LOOKED_AT));
}

/** Whether a model's sentence states a choice or a cause. */
export function isDecision(sentence: string): boolean {
  const start = sentence.slice(0, LOOKED_AT);
  return decisions.some((pattern) => pattern.test(start));
}

/** How a sentence begins that only tells what comes next. */
const intention = /^(?:I['’]ll|I will|let me|let['’]s|now I|next,? I|I['’]m going to)(?![\p{L}])/iu;

/** Whether a model's sentence states what it found or why it does something. */
export function isFinding(sentence: string): boolean {
  const start = sentence.slice(0, LOOKED_AT);
  return !intention.test(start) && findings.some((pattern) => pattern.test(start)) && matter.test(start);
}
