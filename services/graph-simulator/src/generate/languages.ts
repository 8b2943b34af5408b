/** Languages that names, subjects, first sentences and folder names come in. */
export type Language = 'en' | 'de' | 'fr' | 'es' | 'pl' | 'ja' | 'ru' | 'emoji';

/** Languages a mailbox can have. */
export const MAILBOX_LANGUAGES: readonly Language[] = ['en', 'de', 'fr', 'es', 'pl', 'ja', 'ru'];

/** Whether every character of the language's texts exists in ISO 8859-1. */
export function fitsLatin1(language: Language): boolean {
  return language === 'en' || language === 'de' || language === 'fr' || language === 'es';
}

interface Phrases {
  subjects: readonly string[];
  sentences: readonly string[];
  /** Names of the well-known folders, in the order of WELL_KNOWN_FOLDERS' shown ones. */
  folders: Readonly<Record<ShownFolder, string>>;
  folderNames: readonly string[];
}

export type ShownFolder =
  'inbox' | 'drafts' | 'sentitems' | 'deleteditems' | 'outbox' | 'junkemail' | 'archive' | 'conversationhistory';

export const PHRASES: Readonly<Record<Language, Phrases>> = {
  en: {
    subjects: [
      'Minutes of the meeting',
      'Invoice',
      'Quarterly figures',
      'Travel plan',
      'Your order',
      'Draft contract',
      'Status of the roll-out',
      'Holiday list',
      'Server maintenance',
      'Lunch?',
    ],
    sentences: [
      'Dear all, please find the details below.',
      'As discussed this morning, here is the summary.',
      'Thanks for the quick answer; a few remarks follow.',
      'Could you look at this before Friday?',
    ],
    folders: {
      inbox: 'Inbox',
      drafts: 'Drafts',
      sentitems: 'Sent Items',
      deleteditems: 'Deleted Items',
      outbox: 'Outbox',
      junkemail: 'Junk Email',
      archive: 'Archive',
      conversationhistory: 'Conversation History',
    },
    folderNames: [
      'Projects',
      'Customers',
      'Invoices',
      'Travel',
      'Newsletters',
      'Suppliers',
      '2024',
      'Contracts/Legal',
      'R & D',
      'To do: later',
    ],
  },
  de: {
    subjects: [
      'Protokoll der Besprechung',
      'Rechnung für März',
      'Änderung der Öffnungszeiten',
      'Größenübersicht',
      'Angebot über Maßanfertigung',
      'Rückfrage',
    ],
    sentences: [
      'Sehr geehrte Damen und Herren, anbei die gewünschten Unterlagen.',
      'Wie heute früh besprochen, hier die Übersicht.',
      'Für Rückfragen stehe ich gern zur Verfügung.',
    ],
    folders: {
      inbox: 'Posteingang',
      drafts: 'Entwürfe',
      sentitems: 'Gesendete Elemente',
      deleteditems: 'Gelöschte Elemente',
      outbox: 'Postausgang',
      junkemail: 'Junk-E-Mail',
      archive: 'Archiv',
      conversationhistory: 'Aufgezeichnete Unterhaltungen',
    },
    folderNames: ['Projekte', 'Kunden', 'Rechnungen', 'Büro & Möbel', 'Behörden', 'Verträge'],
  },
  fr: {
    subjects: [
      'Compte rendu de la réunion',
      'Facture n° 42',
      'Où en est le déménagement ?',
      'Élections du comité',
      'Reçu – thé et café',
    ],
    sentences: [
      'Bonjour, veuillez trouver ci-dessous les détails demandés.',
      'Comme convenu hier à midi, voici le résumé.',
      'Merci d’avance pour votre réponse.'.replace('’', "'"),
    ],
    folders: {
      inbox: 'Boîte de réception',
      drafts: 'Brouillons',
      sentitems: 'Éléments envoyés',
      deleteditems: 'Éléments supprimés',
      outbox: "Boîte d'envoi",
      junkemail: 'Courrier indésirable',
      archive: 'Archive',
      conversationhistory: 'Historique des conversations',
    },
    folderNames: ['Projets', 'Clientèle', 'Factures payées', 'Été', 'Équipe'],
  },
  es: {
    subjects: [
      'Acta de la reunión',
      'Factura de mañana',
      'Año nuevo',
      '¿Cuándo llega el envío?',
      'Contraseña caducada',
    ],
    sentences: ['Buenos días, les envío la información solicitada.', 'Según lo acordado, aquí está el resumen.'],
    folders: {
      inbox: 'Bandeja de entrada',
      drafts: 'Borradores',
      sentitems: 'Elementos enviados',
      deleteditems: 'Elementos eliminados',
      outbox: 'Bandeja de salida',
      junkemail: 'Correo no deseado',
      archive: 'Archivo',
      conversationhistory: 'Historial de conversaciones',
    },
    folderNames: ['Proyectos', 'Señales', 'Facturas', 'Viajes'],
  },
  pl: {
    subjects: ['Protokół ze spotkania', 'Faktura za łącze', 'Zażółć gęślą jaźń', 'Zmiana godzin'],
    sentences: [
      'Dzień dobry, w załączeniu przesyłam żądane materiały.',
      'Zgodnie z ustaleniami przesyłam podsumowanie.',
    ],
    folders: {
      inbox: 'Skrzynka odbiorcza',
      drafts: 'Wersje robocze',
      sentitems: 'Elementy wysłane',
      deleteditems: 'Elementy usunięte',
      outbox: 'Skrzynka nadawcza',
      junkemail: 'Wiadomości-śmieci',
      archive: 'Archiwum',
      conversationhistory: 'Historia konwersacji',
    },
    folderNames: ['Projekty', 'Księgowość', 'Łódź', 'Umowy'],
  },
  ja: {
    subjects: ['会議の議事録', '請求書のご送付', 'お問い合わせの件', '来週の予定について', '〒 発送のお知らせ'],
    sentences: ['お世話になっております。詳細は以下のとおりです。', '先日の打ち合わせの要点をまとめました。'],
    folders: {
      inbox: '受信トレイ',
      drafts: '下書き',
      sentitems: '送信済みアイテム',
      deleteditems: '削除済みアイテム',
      outbox: '送信トレイ',
      junkemail: '迷惑メール',
      archive: 'アーカイブ',
      conversationhistory: '会話の履歴',
    },
    folderNames: ['プロジェクト', '顧客', '請求書', '社内'],
  },
  ru: {
    subjects: ['Протокол совещания', 'Счёт за март', 'Вопрос по договору', 'Ёлка и подарки'],
    sentences: ['Добрый день, ниже все подробности.', 'Как договаривались, высылаю краткий отчёт.'],
    folders: {
      inbox: 'Входящие',
      drafts: 'Черновики',
      sentitems: 'Отправленные',
      deleteditems: 'Удаленные',
      outbox: 'Исходящие',
      junkemail: 'Нежелательная почта',
      archive: 'Архив',
      conversationhistory: 'История бесед',
    },
    folderNames: ['Проекты', 'Клиенты', 'Счета', 'Отпуск'],
  },
  emoji: {
    subjects: ['🎉 Party on Friday 🎂', '⚠️ Disk nearly full', 'Re: 👍🏽 done ✅', '🇫🇷 → 🇯🇵 trip 🗾'],
    sentences: ['Great news 🚀🚀 – everything is ready 👩🏾‍💻!', 'See you there 🙂 ☕'],
    folders: {
      inbox: 'Inbox',
      drafts: 'Drafts',
      sentitems: 'Sent Items',
      deleteditems: 'Deleted Items',
      outbox: 'Outbox',
      junkemail: 'Junk Email',
      archive: 'Archive',
      conversationhistory: 'Conversation History',
    },
    folderNames: ['⭐ Favourites', '📦 Orders'],
  },
};
