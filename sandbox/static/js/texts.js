/** The page's own words, Korean first. `t(key, params)` fills `{name}` places. */

const KO = {
  title: "가림 놀이터", skipToComposer: "입력창으로 가기", channels: "채널", guilds: "서버", members: "멤버", messages: "메시지",
  composer: "메시지 쓰기", language: "English", textChannels: "채팅 채널", dms: "다이렉트 메시지", threads: "스레드",
  speakingAs: "이 사람으로 말하는 중", speakAs: "이 사람으로 말하기", speakShort: "말하기", changeSpeaker: "말하는 사람 바꾸기", sendDm: "DM 보내기", app: "앱",
  online: "멤버 — {n}", apps: "앱 — {n}", appMenus: "앱으로 하기", you: "나", profile: "{name}: 메뉴 열기", nowSpeaking: "이제 {name} 님으로 말해요.",
  hintRoom: "#{name}에 메시지 보내기 — 욕설도 한번 써 보세요",
  hintDm: "{name} 님에게 메시지 보내기", hintReadOnly: "이 채널에는 글을 쓸 권한이 없어요", hintVoice: "음성 채널은 여기서 들을 수 없어요. 채팅만 돼요",
  hintForum: "왼쪽에서 글(스레드)을 고르거나 새로 만들어 보세요", send: "보내기", attach: "파일 올리기", removeFile: "{name} 빼기", commands: "슬래시 명령어",
  replyingTo: "{name} 님에게 답장하는 중", cancel: "취소", save: "저장", editing: "메시지 수정 중 · Enter 저장, Esc 취소", edited: "(수정됨)",
  reply: "답장", edit: "수정", delete: "삭제", react: "반응 달기", more: "더 보기", copyText: "글 복사", copyId: "ID 복사", copied: "복사했어요.",
  newThread: "스레드 만들기", threadName: "스레드 이름", threadNameHint: "예: 점심 메뉴 정하기", newPost: "새 글 쓰기", postText: "내용", create: "만들기", openThread: "스레드 열기",
  deleteSure: "이 메시지를 삭제할까요?", ephemeral: "나에게만 보여요", dismiss: "이 메시지 숨기기", thinking: "생각하는 중…", usedCommand: "{name} 님이 {command} 사용",
  deletedOriginal: "원래 메시지가 삭제됐어요", replyJump: "답장한 메시지로 가기", masked: "가려서 다시 올렸어요", spoiler: "스포일러 — 누르면 보여요",
  reactionOf: "{emoji} {n}명", addReaction: "반응 더하기", attachment: "첨부 파일 {name}", imageAlt: "첨부 이미지 {name}", bytes: "{n}바이트",
  emptyRoom: "아직 조용해요", emptyRoomHint: "채널 목록 아래에서 말할 사람을 고르고 첫 메시지를 보내 보세요.", emptyDm: "{name} 님과 나누는 첫 대화예요", emptyForum: "이 포럼의 글은 스레드로 열려요",
  loading: "불러오는 중…", loadOlder: "이전 메시지 더 보기", toNewest: "새 메시지 보기 ↓", loadFailed: "메시지를 불러오지 못했어요.", retry: "다시 해 보기",
  botAway: "봇이 접속하지 않았어요. 지금은 아무것도 가려지지 않아요.", offline: "서버와 연결이 끊겼어요. 다시 연결하는 중이에요…", restored: "다시 연결됐어요.",
  noCommands: "맞는 명령어가 없어요", noAppCommands: "봇이 등록한 명령어가 없어요", runCommand: "실행", required: "필수", optional: "선택",
  yes: "예", no: "아니요", choose: "고르기", chooseN: "{min}~{max}개 고르기", noMatches: "추천할 값이 없어요", submit: "제출",
  failedNoBot: "앱이 접속하지 않아 응답할 수 없어요.", failedTimeout: "앱이 3초 안에 응답하지 않았어요.", noMessage: "그 메시지는 이제 없어요.", tooLarge: "파일이 너무 커요.", noAccess: "볼 수 없는 채널이에요.", noContent: "빈 메시지는 보낼 수 없어요.", dmsClosed: "이 사람에게는 DM을 보낼 수 없어요.",
  noPermission: "그렇게 할 권한이 없어요.", locked: "잠긴 스레드예요.", failedGeneric: "요청을 처리하지 못했어요: {reason}",
  today: "오늘", yesterday: "어제", justMoved: "{name} 메시지가 사라지고, 가린 글이 올라왔어요.", unread: "새 메시지", attachments: "첨부", tooMany: "파일은 10개까지 올릴 수 있어요.",
  pinned: "고정됨", system_pin: "{name} 님이 메시지를 고정했어요.", system_thread: "{name} 님이 스레드를 시작했어요: {content}", system_join: "{name} 님이 들어왔어요.", archived: "보관됨", linkButton: "{label} (새 창)",
  unknownUser: "알 수 없는 사람", unknownChannel: "알 수 없는 채널", unknownRole: "알 수 없는 역할", image: "이미지",
};

const EN = {
  title: "Garim playground", skipToComposer: "Skip to the composer", channels: "Channels", guilds: "Servers", members: "Members", messages: "Messages",
  composer: "Write a message", language: "한국어", textChannels: "Text channels", dms: "Direct messages", threads: "Threads",
  speakingAs: "Speaking as", speakAs: "Speak as this person", speakShort: "Speak", changeSpeaker: "Change who speaks", sendDm: "Send a DM", app: "APP",
  online: "Members — {n}", apps: "Apps — {n}", appMenus: "Apps", you: "you", profile: "{name}: open menu", nowSpeaking: "You now speak as {name}.",
  hintRoom: "Message #{name} — try a curse, too",
  hintDm: "Message {name}", hintReadOnly: "You have no permission to write here", hintVoice: "There is no sound here, only the chat",
  hintForum: "Choose a post (thread) on the left or start one", send: "Send", attach: "Upload a file", removeFile: "Remove {name}", commands: "Slash commands",
  replyingTo: "Replying to {name}", cancel: "Cancel", save: "Save", editing: "Editing · Enter saves, Esc cancels", edited: "(edited)",
  reply: "Reply", edit: "Edit", delete: "Delete", react: "React", more: "More", copyText: "Copy text", copyId: "Copy ID", copied: "Copied.",
  newThread: "Start a thread", threadName: "Thread name", threadNameHint: "e.g. Where to have lunch", newPost: "New post", postText: "Text", create: "Create", openThread: "Open thread",
  deleteSure: "Delete this message?", ephemeral: "Only you can see this", dismiss: "Dismiss", thinking: "Thinking…", usedCommand: "{name} used {command}",
  deletedOriginal: "The original message was deleted", replyJump: "Go to the message replied to", masked: "masked and posted again", spoiler: "Spoiler — activate to reveal",
  reactionOf: "{emoji}, {n}", addReaction: "Add reaction", attachment: "Attached file {name}", imageAlt: "Attached image {name}", bytes: "{n} bytes",
  emptyRoom: "Quiet so far", emptyRoomHint: "Choose who speaks below the channel list and send the first message.", emptyDm: "Your first words with {name}", emptyForum: "Posts of this forum open as threads",
  loading: "Loading…", loadOlder: "Older messages", toNewest: "Newest messages ↓", loadFailed: "The messages could not be loaded.", retry: "Try again",
  botAway: "The bot is not connected. Nothing is masked right now.", offline: "The connection is gone. Trying again…", restored: "Connected again.",
  noCommands: "No such command", noAppCommands: "The bot has registered no commands", runCommand: "Run", required: "required", optional: "optional",
  yes: "Yes", no: "No", choose: "Choose", chooseN: "Choose {min} to {max}", noMatches: "No suggestions", submit: "Submit",
  failedNoBot: "The app is not connected and cannot answer.", failedTimeout: "The app did not answer within 3 seconds.", noMessage: "That message is gone.", tooLarge: "The file is too large.", noAccess: "You cannot see that channel.", noContent: "A message cannot be empty.", dmsClosed: "This person takes no DMs.",
  noPermission: "You have no permission for that.", locked: "This thread is locked.", failedGeneric: "That did not work: {reason}",
  today: "Today", yesterday: "Yesterday", justMoved: "A message by {name} is gone and its masked copy is here.", unread: "New messages", attachments: "Attachments", tooMany: "At most 10 files.",
  pinned: "pinned", system_pin: "{name} pinned a message.", system_thread: "{name} started a thread: {content}", system_join: "{name} joined.", archived: "archived", linkButton: "{label} (new window)",
  unknownUser: "unknown user", unknownChannel: "unknown channel", unknownRole: "unknown role", image: "image",
};

const TEXTS = { ko: KO, en: EN };
let current = localStorage.getItem("sandbox-language") === "en" ? "en" : "ko";

export const language = () => current;
/** The locale that interactions carry for this page's language. */
export const discordLocale = () => (current === "ko" ? "ko" : "en-US");

/** Return the text of `key` in the chosen language; an unknown key is a programming error and throws. */
export function t(key, params = {}) {
  const text = TEXTS[current][key];
  if (text === undefined) throw new Error(`no text named ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(params[name] ?? ""));
}

/** Choose the language and write it into every element that names a text. */
export function applyLanguage(next = current) {
  current = next;
  localStorage.setItem("sandbox-language", next);
  document.documentElement.lang = next;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.dataset.label));
    if (element.tagName === "BUTTON") element.title = t(element.dataset.label);
  }
}

/** Choose a command's name or description in the page's language. */
export function localised(thing, field) {
  return thing[`${field}_localizations`]?.[discordLocale()] || thing[field];
}

const locale = () => (current === "ko" ? "ko-KR" : "en-GB");
export const clock = (date) => date.toLocaleTimeString(locale(), { hour: "numeric", minute: "2-digit" });
export const fullTime = (date) => date.toLocaleString(locale(), { dateStyle: "full", timeStyle: "medium" });

/** Name a day as people do: today, yesterday, or the date. */
export function dayName(date) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  return date.toLocaleDateString(locale(), { dateStyle: "long" });
}

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

/** Format a `<t:…>` stamp in Discord's style letters; `R` is relative to now. */
export function stamp(seconds, style = "f") {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return String(seconds);
  if (style !== "R") return date.toLocaleString(locale(), STYLES[style] ?? STYLES.f);
  const delta = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(delta) >= length) ?? UNITS.at(-1);
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(Math.trunc(delta / size), unit);
}

export function fileSize(bytes) {
  if (bytes < 1024) return t("bytes", { n: bytes });
  const [value, unit] = bytes < 1024 ** 2 ? [bytes / 1024, "KiB"] : [bytes / 1024 ** 2, "MiB"];
  return `${value.toFixed(1)} ${unit}`;
}
