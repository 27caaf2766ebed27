//! Words that a rephrased text may not have, or not more often than the template: by language and class.
//!
//! An entry is a word; with a star at its end, the begin of words; with stars on both sides, a part of a text. Articles that
//! are the number one, too (`un`, `ein`, `एक`), are left out: no sentence could do without them.

use std::sync::LazyLock;

use super::reading::{is_spaced, plain};
use crate::Language;

/// What a word does to the meaning of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A number.
    Number,
    /// More, higher, rises.
    Up,
    /// Less, lower, falls.
    Down,
    /// Not, never, without.
    Negation,
    /// Brings, causes, because of.
    Causal,
}

/// The words of a language.
#[derive(Debug)]
pub(super) struct Lexicon {
    code: &'static str,
    /// Letters beside the Latin ones.
    pub(super) letters: &'static [(char, char)],
    number: &'static str,
    up: &'static str,
    down: &'static str,
    negation: &'static str,
    causal: &'static str,
    /// Ordinary words of this language that English has in a list, or another language among its numbers.
    pub(super) ordinary: &'static str,
    /// Words that hardly a sentence does without; none for a language that its letters tell.
    common: &'static str,
}

impl Lexicon {
    pub(super) const ENGLISH: &'static Self = &Self {
        code: "en",
        letters: &[],
        number: "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
                 seventeen eighteen nineteen twenty thirty forty fourty fifty sixty seventy eighty ninety hundred* thousand* \
                 million* billion* trillion* dozen* score scores half halves halv* third thirds quarter* once twice thrice \
                 double* doubling single couple pair triple* tripling quadrupl* quintupl* tenfold twofold threefold hundredfold \
                 twenties thirties ones twos tens fifth fifths tenth tenths nil nought",
        up: "more higher faster greater larger bigger rise rises rising rose risen grow* grew gain* increas* up above better \
             improv* upward* climb* surge* surging soar* ahead exceed* most highest additional extra",
        down: "less fewer lower slower smaller fall falls falling fell fallen drop* declin* decreas* down below worse shrink* \
               shrank reduc* lose loses losing lost downward* behind least lowest plunge* sink* sank dip dips",
        negation: "not no never none neither nor without hardly barely cannot *n't* nobody nothing fails failed isnt dont",
        causal: "caus* because bring* brought lead leads leading led driv* drove boost* result* due thanks make makes making \
                 made creat* generat* produc* yield* trigger* effect* affect* impact* influenc* attract* deliver* earn* \
                 therefore hence thus explain* get gets getting got increas* improv* rais* help* ensur* guarant* enabl* \
                 lift* push* fuel* spark* contribut* owing reason* responsible give gives gave will",
        ordinary: "media",
        common: "the of your you to in with and than is are had have was were at by for on it more not if this that they as who",
    };

    /// The language's lexicon; `None` if there is none.
    pub(super) fn of(language: Language) -> Option<&'static Self> {
        let code = language.to_string();
        ALL.iter().copied().find(|lexicon| lexicon.code == code)
    }

    /// What a text of this language must not have: numbers of any language, and the other classes of this one and of English.
    pub(super) fn patterns(&'static self, class: Class) -> impl Iterator<Item = &'static Pattern> {
        let of = move |lexicon: &Self| class == Class::Number || lexicon.code == self.code || lexicon.code == "en";
        let place = class as usize;
        ALL.iter().zip(PATTERNS.iter()).filter(move |(lexicon, _)| of(lexicon)).flat_map(move |(_, all)| &all[place])
    }

    /// Whether words are of this language rather than of another one with the same letters.
    pub(super) fn is_of(&self, words: &[String]) -> bool {
        let common = |of: &Self| {
            let common: Vec<&str> = of.common.split_whitespace().collect();
            words.iter().filter(|word| common.contains(&word.as_str())).count()
        };
        let own = common(self);
        self.common.is_empty() || own > 0 && ALL.iter().all(|other| common(other) <= own)
    }

    fn entries(&self, class: Class) -> &'static str {
        match class {
            Class::Number => self.number,
            Class::Up => self.up,
            Class::Down => self.down,
            Class::Negation => self.negation,
            Class::Causal => self.causal,
        }
    }
}

/// An entry of a list.
#[derive(Debug)]
pub(super) enum Pattern {
    /// A word.
    Word(String),
    /// The begin of words.
    Begin(String),
    /// A part of words.
    Part(String),
    /// A part of a text that does not set words apart.
    Anywhere(String),
}

impl Pattern {
    fn of(entry: &str) -> Self {
        let entry = plain(entry);
        match (entry.strip_prefix('*'), entry.strip_suffix('*')) {
            (Some(part), _) if is_spaced(part) => Self::Part(part.trim_end_matches('*').to_owned()),
            (Some(part), _) => Self::Anywhere(part.trim_end_matches('*').to_owned()),
            (None, Some(begin)) => Self::Begin(begin.to_owned()),
            (None, None) => Self::Word(entry),
        }
    }
}

/// In the order of the classes.
const CLASSES: [Class; 5] = [Class::Number, Class::Up, Class::Down, Class::Negation, Class::Causal];

/// The entries of each language, by class.
static PATTERNS: LazyLock<Vec<[Vec<Pattern>; 5]>> = LazyLock::new(|| {
    let of = |lexicon: &Lexicon, class| lexicon.entries(class).split_whitespace().map(Pattern::of).collect();
    ALL.iter().map(|lexicon| CLASSES.map(|class| of(lexicon, class))).collect()
});

static ALL: [&Lexicon; 10] = [
    Lexicon::ENGLISH,
    &Lexicon {
        code: "de",
        letters: &[],
        number: "null eins zwei* zwo drei* vier vierte* viertel* fünf* sechs* sieben siebte* siebtel siebzehn* acht achte* achtel* \
                 neun neunte* zehn* elf elfte* zwölf* *zwanzig* *dreißig* *dreissig* *vierzig* *fünfzig* *sechzig* *siebzig* \
                 *achtzig* *neunzig* *zehn* *hundert* *tausend* *million* *milliard* *dutzend* hälfte halb* doppel* verdopp* \
                 dreifach* verdrei* vervier* drittel* anderthalb* einmal zweimal beide* paar",
        up: "mehr höher* größer* schneller* steig* stieg* gestiegen wachs* wuchs gewachsen zunahme* zunimmt zunehm* besser* über \
             oberhalb gewinn* gewonnen erhöh* höchst* meist* zusätzlich* voraus vor",
        down: "weniger niedriger* geringer* kleiner* langsamer* sink* sank gesunken fällt fallen fiel gefallen abnahme* abnimmt \
               abnehm* schlechter* unter unterhalb verlier* verloren verlust* schrumpf* senk* wenigst* zurück",
        negation: "nicht nie niemals kein* ohne weder noch kaum nichts niemand",
        causal: "weil bring* brachte* gebracht führ* verursach* bewirk* sorg* dank wegen durch deshalb daher deswegen folge* \
                 ergeb* ergib* erzeug* steiger* erhöh* verbesser* einfluss* wirk* auswirk* grund liefer* schaff* schuf hilf* \
                 helf* bekomm* mach* macht",
        ordinary: "fall falls will not",
        common: "der die das und ihre ihr ihren sie du dein deine deinen in mit als ist sind hatte hatten haben war von zu um bei für \
                 auf nicht noch wenn mehr",
    },
    &Lexicon {
        code: "fr",
        letters: &[],
        number: "zéro deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt* trente* \
                 quarante* cinquante* soixante* septante huitante octante nonante cent cents centaine* centième* mille millier* \
                 million* milliard* demi* moitié* doubl* tripl* quadrupl* dizaine* douzaine* quinzaine* vingtaine* tiers quart* \
                 deuxième* troisième* dixième* couple* paire*",
        up: "plus haut* supérieur* mieux meilleur* augment* hausse* croît* croiss* monte* montent grimp* gagn* davantage dépass* \
             rapide* élevé*",
        down: "moins bas basse* inférieur* pire* baiss* diminu* chut* recul* décroî* descend* perd* perte* faible* lent* réduit* \
               réduc* sous",
        negation: "ne n pas jamais sans aucun* ni rien guère non nul nulle",
        causal: "parce car grâce cause* apport* amèn* amen* entraîn* provoqu* génèr* génér* produi* engendr* donc résult* effet* \
                 impact* influenc* permet* permis fait font augment* amélior* donn* attir* raison* rend* dû due aide*",
        ordinary: "dos",
        common: "le la les des de du et vos votre vous tu ton ta tes à dans avec que est sont avaient ont par pour sur ne pas si en un \
                 une plus",
    },
    &Lexicon {
        code: "es",
        letters: &[],
        number: "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieci* veint* treinta* \
                 cuarenta* cincuenta* sesenta* setenta* ochenta* noventa* cien ciento* *cientos* *cientas* quinient* mil miles \
                 millar* millon* millón* billon* billón mitad* medio media doble* duplic* tripl* cuádrupl* docena* decena* \
                 centenar* tercio* cuarto* tercera* par pareja*",
        up: "más mas mayor* superior* mejor* sube suben subió subieron subir subida* aument* crec* gana ganan ganó ganar gananci* rápid* alto alta altos altas encima supera* increment*",
        down: "menos menor* inferior* peor* baja* bajo* bajó disminu* cae caen cayó cayeron caer caída* cayendo redu* perd* pérdid* lent* debajo descien* descend* descens*",
        negation: "no nunca jamás sin ningún* ningun* tampoco ni nada nadie apenas",
        causal: "porque caus* debid* gracias provoc* gener* produc* trae* traj* llev* hace* hizo aument* mejor* resultad* efecto* \
                 impact* influ* logr* consig* consegu* impuls* atra* ayud* da dan dio dieron por",
        ordinary: "ten once no",
        common: "el la los las de del y tus tu su sus en con que es son tenían tienen tuvieron por para a se no si al más",
    },
    &Lexicon {
        code: "pt",
        letters: &[],
        number: "zero dois duas três tres quatro cinco seis sete oito nove dez onze doze treze catorze quatorze quinze dezess* \
                 dezass* dezoito dezen* dezan* vinte* trinta* quarenta* cinquenta* sessenta* setenta* oitenta* noventa* cem cento* \
                 duzent* trezent* *centos* *centas* quinhent* mil milhar* milhão milhões milhao milhoes bilh* metade* meio meia \
                 dobro* dobr* tripl* dúzia* duzia* terço* quarto* par ambos",
        up: "mais maior* superior* melhor* sobe sobem subi* aument* cresc* ganh* rápid* alto alta altos altas acima supera* increment*",
        down: "menos menor* inferior* pior* baix* diminu* cai caem caiu caíram cair queda* redu* perd* lent* abaixo desce descem desceu*",
        negation: "não nao nunca jamais sem nenhum* tampouco nem nada ninguém",
        causal: "porque caus* devid* graças gracas provoc* gera geram geraram gerou gerar gerando produz* traz* troux* leva levam levaram levou levar faz* fez aument* melhor* resultad* \
                 efeito* impact* influ* consegu* impulsion* atra* ajud* dá dão deu deram por",
        ordinary: "no dos",
        common: "o a os as de do da dos das e seus suas seu sua você em com que é são tinham têm tiveram por para se não no na ao mais",
    },
    &Lexicon {
        code: "id",
        letters: &[],
        number: "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas belas puluh* seratus ratus* seribu \
                 ribu* sejuta juta* miliar* semiliar triliun* setengah separuh ganda* lipat* kedua ketiga keempat sepasang \
                 selusin lusin* sepertiga seperempat",
        up: "lebih naik* meningkat* bertambah* tumbuh* tinggi* tertinggi cepat* besar* terbesar atas melebihi unggul*",
        down: "kurang* turun* menurun* berkurang* rendah* terendah lambat* kecil* terkecil bawah kalah* kehilangan merosot*",
        negation: "tidak tak bukan jangan tanpa belum tiada",
        causal: "karena sebab* menyebabkan membawa* bawa menghasilkan hasil* akibat* berkat membuat* meningkatkan memicu* \
                 mendorong* memberi* pengaruh* mempengaruhi memengaruhi dampak* berdampak efek* menarik mendatangkan membantu*",
        ordinary: "",
        common: "yang dan di ke dari dengan anda kamu untuk pada adalah ini itu tidak lebih jika akan dalam",
    },
    &Lexicon {
        code: "ru",
        letters: &[('\u{400}', '\u{45f}')],
        number: "ноль нол* нул* один одна одно одного одной одному одним одну два две двух двум двумя двое двоих двенадцат* \
                 двадцат* двест* двухсот* двукратн* двойн* три трех трёх трем трём тремя трое тринадцат* тридцат* трист* четыр* \
                 четвер* пять пяти пятью пятер* пятнадцат* пятьдесят* пятидесят* пятьсот* шест* семь семи семью семер* \
                 семнадцат* семьдесят* семидесят* семьсот* восем* восьм* девят* девяност* десят* десяток одиннадцат* сорок* сто \
                 ста сотн* *сот* тысяч* миллион* миллиард* пол половин* полтор* вдвое втрое вчетверо удво* утро* треть* дюжин* \
                 пара пары пару оба обе",
        up: "больше более выше быстрее лучше рост* раст* вырос* повыс* повыш* увелич* подня* поднима* прибав* превыш* впереди \
             наибольш* высок*",
        down: "меньше менее ниже медленнее хуже пада* упал* сниж* сниз* уменьш* сокра* убыва* теря* потер* позади наименьш* низк*",
        negation: "не ни нет без никогда никак нельзя ничего никто едва",
        causal: "потому из-за благодаря вызыва* вызва* привод* приве* прино* даёт дает дают дал* дела* созда* влия* повлия* \
                 эффект* результат* причин* поэтому обеспеч* повыш* увелич* улучш* помог* привлек* следстви* так-как",
        ordinary: "",
        common: "",
    },
    &Lexicon {
        code: "ar",
        letters: &[('\u{620}', '\u{64a}'), ('\u{671}', '\u{6d3}')],
        number: "صفر واحد واحدة اثنان اثنين اثنتان اثنتين إثنان إثنين ثلاث ثلاثة أربع أربعة اربع اربعة خمس خمسة ست ستة سبع سبعة \
                 ثمان ثماني ثمانية تسع تسعة عشر عشرة عشرات عشرون عشرين ثلاثون ثلاثين أربعون أربعين اربعون اربعين خمسون خمسين ستون \
                 ستين سبعون سبعين ثمانون ثمانين تسعون تسعين *مئة* *مائة* مئتان مئتين مائتان مائتين مئات ألف الف آلاف ألفان ألفين \
                 الاف مليون* ملايين مليار* نصف ضعف أضعاف ضعفين ضعفي مضاعف* ربع ثلث مرتين زوج",
        up: "أكثر اكثر أعلى اعلى أكبر أسرع أفضل زيادة زيادات زاد يزيد تزيد زادت ارتفاع ارتفع يرتفع ترتفع ارتفعت نمو نما ينمو تنمو \
             مكسب كسب فوق تفوق يفوق",
        down: "أقل اقل أدنى أصغر أبطأ أسوأ انخفاض انخفض ينخفض تنخفض انخفضت تراجع يتراجع تتراجع تراجعت هبط هبوط نقص ينقص خسارة خسر \
               تخسر دون تحت",
        negation: "لا لم لن ليس ليست ما غير بدون بلا أبدا قط",
        causal: "لأن بسبب بفضل سبب تسبب يسبب تسببت يجلب تجلب جلب جلبت يؤدي تؤدي أدى أدت نتيجة نتج ينتج تنتج تأثير أثر يؤثر تؤثر لذلك \
                 يجعل تجعل جعل يحقق تحقق حقق حققت يعزز تعزز يزيد تزيد يحسن تحسن يمنح تمنح",
        ordinary: "",
        common: "",
    },
    &Lexicon {
        code: "hi",
        letters: &[('\u{900}', '\u{963}')],
        number: "शून्य दो तीन चार पाँच पांच छह छः छे सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह पन्द्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस बाइस \
                 तेईस तेइस चौबीस पच्चीस छब्बीस सत्ताईस सत्ताइस अट्ठाईस अट्ठाइस उनतीस उन्तीस तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस \
                 उनतालीस चालीस इकतालीस बयालीस तैंतालीस चौवालीस चवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरपन चौवन पचपन \
                 छप्पन सत्तावन अट्ठावन उनसठ साठ इकसठ बासठ तिरसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर \
                 छिहत्तर सतहत्तर अठहत्तर उनासी उन्यासी अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी नब्बे इक्यानवे बानवे \
                 तिरानवे चौरानवे पंचानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे सौ सैकड* हज़ार* हजार* लाख* करोड* अरब आधा आधी आधे डेढ ढाई \
                 दोगुन* दुगु* दुग* तिगु* गुना दर्जन* तिहाई चौथाई पौन सवा साढे दोनों जोड*",
        up: "अधिक ज़्यादा ज्यादा ऊँचा ऊँची ऊंचा ऊंची उच्च तेज़ तेज बढ* वृद्धि बेहतर ऊपर आगे लाभ",
        down: "कम नीचा नीची निम्न धीमा धीमी घट* गिर* कमी बदतर नीचे पीछे खो* हानि",
        negation: "नहीं न ना मत बिना कभी-नहीं नही",
        causal: "क्योंकि कारण वजह लाता लाती लाते लाया लाई दिलाता दिलाती दिलाते परिणाम असर प्रभाव* बनाता बनाती बनाते बढाता बढाती बढाते देता देती \
                 देते दिया इसलिए बदौलत मिलता मिलती मिलते मिले मिला",
        ordinary: "",
        common: "",
    },
    &Lexicon {
        code: "zh",
        letters: &[('\u{3400}', '\u{4dbf}'), ('\u{4e00}', '\u{9fff}')],
        number: "*零* *一* *二* *三* *四* *五* *六* *七* *八* *九* *十* *百* *千* *万* *萬* *亿* *億* *兆* *两* *兩* *半* *倍* *双* *雙* *壹* *贰* \
                 *貳* *叁* *肆* *伍* *陆* *柒* *捌* *玖* *拾* *佰* *仟* *廿* *卅* *俩* *仨* *翻番*",
        up: "*更多* *多于* *高* *快* *增* *升* *涨* *漲* *超过* *超過* *领先* *好于* *上升*",
        down: "*更少* *少于* *低* *慢* *减* *減* *降* *跌* *下滑* *落后* *落後* *差于* *缩* *縮* *失*",
        negation: "*不* *没* *沒* *无* *無* *未* *非* *勿* *别*",
        causal: "*因为* *因為* *所以* *导致* *導致* *带来* *帶來* *使* *让* *讓* *令* *引起* *造成* *由于* *由於* *提高* *提升* *促* *影响* *影響* \
                 *效果* *结果* *結果* *带动* *推动* *获得* *得到* *归功*",
        ordinary: "一些 一样 一般 一起 一直 一定 统一 唯一 一旦 非常 特别 个别 分别 使用",
        common: "",
    },
];
