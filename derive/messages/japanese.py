"""The checker's words in Japanese."""

TEMPLATES = {
    "D119": "この文書は {limit} 秒、メモリ {memory} 以内に読めませんでした({detail})",
    "D201": "この行は前の行と等しくありません",
    "D202": "この不等式は成り立ちません",
    "D203": "この二つの命題は同値ではありません",
    "D204": "前の命題からこれは導けません",
    "D205": "この二つの最適化問題は解が異なります",
    "D206": "この二つは比例しません",
    "D207": "この行列は半正定値ではありません",
    "D401": "証明も反証もできませんでした。ステップを細かくすると判定できることがあります",
    "D402": "{limit} 秒以内に判定できませんでした",
    "D403": "メモリ {limit} 以内で判定できませんでした",
    "D404": "このステップの検査が途中で止まりました({detail})",
    "D405": "このステップは深すぎるか大きすぎて検査できません",
    "D406": "仮定を満たす値が見つからないため、このステップは検査できません",
    "D407": "判定できません: 添字 `{index}` が片方の辺にしかありません。両辺で使うか、配列全体について書いてください",
    "D408": "試した値のどれでも片方の辺に値がありません: {condition} が必要です",
    "D501": "このステップには仮定が必要です: {assumption}",
    "D502": "仮定が互いに矛盾しています。ここからは何も証明できません",
    "D901": "内部エラー: 証明と数値が一致しません({detail})。この文書を報告してください",
}

SAME_LINE = {"D201": "両辺が等しくありません"}

CAUSES = {
    "relation": "関係は {right} のはずです",
    "sign": "{part} の符号が違います",
    "factor_dropped": "因子 {factor} が落ちています",
    "factor_extra": "因子 {factor} が余分です",
    "factor_wrong": "因子 {wrong} は {right} のはずです",
    "transpose_dropped": "{part} の転置が落ちています",
    "transpose_extra": "{part} は転置しません",
    "order": "因子 {left} と {right} の順序が逆です",
    "entrywise": "{left} と {right} の積は行列の積ではなく要素ごとの積(⊙)です",
    "line_above": "誤りは前の行です。この行はその一つ前の行から導けます",
    "one_value": "添字 {index} が片方の辺にしかないので、{index} の値一つごとの主張になります。"
    "その辺を配列全体についての式として書けば成り立ちます",
    "index": "添字 {wrong} は {right} のはずです",
    "scope": "{index} についての積は、後に掛けるものすべてに及びます。積を括弧で囲んでください",
    "sum_dropped": "{index} についての和が落ちています",
    "sum_extra": "{index} についての和が余分です",
    "term_dropped": "項 {part} が落ちています",
    "term_extra": "項 {part} が余分です",
    "derivative_dropped": "連鎖律の因子 {part} が落ちています",
    "complement": "{wrong} は {right} のはずです",
    "power": "{part} の指数は {right} のはずです",
    "replaced": "{wrong} は {right} のはずです",
    "assumption": "これは {assumption} のときだけ成り立ちますが、ここでは仮定されていません",
}

NOTES = {
    "left_only": "左辺だけが真になります",
    "right_only": "右辺だけが真になります",
    "solution_left": "左の問題だけの解です。右の問題では {variable} = {better} のほうが良い値になります",
    "solution_right": "右の問題だけの解です。左の問題では {variable} = {better} のほうが良い値になります",
    "ratio": "左辺/右辺の比はここでは {here} ですが、{variable} = {other} では {there} で、{variable} によって変わります",
    "no_factor": "一方に正の定数をかけても他方になりません",
    "direction": "方向 {direction} で二次形式が負になります",
}

_READ = "数式が読めません。意味を持つのは書式のページにある記法だけで、推測はしません。示した位置で読み取りが止まりました。"
_ROLE = "数式は読めましたが、その役割(定義 :=、宣言 ∈、仮定、主張 =、≤、⟺ …)が決まりません。"
_NAME = "名前は使う前に、同じ見出しかその上の見出しの下で宣言または定義してください。"
_INDEX = "添字は 1 から始まる文字または正の整数で、配列の一つの軸を動きます。"
_OPERATION = "この書式では、この演算はこの引数に対して意味を持ちません。"
_SHAPE = (
    "ベクトルは列ベクトルです。和は同じ形どうし、積は (n, m) と (m, k) から (n, k) になります。"
    "N のような記号は、値が何であれ同じ記号とだけ一致します。"
)

PHRASES = {
    "a product": "積",
    "an entrywise product": "要素ごとの積",
    "a division": "除算",
    "an inverse": "逆行列",
    "a power": "べき乗",
    "a power of e": "e のべき乗",
    "an exponent": "指数",
    "an optimisation": "最適化",
    "a trace": "トレース",
    "a determinant": "行列式",
    "a maximum": "最大値",
    "a sum": "和",
    "scalar": "スカラー",
}

GROUPS = {
    "D10": _READ,
    "D11": _READ,
    "D12": _ROLE,
    "D13": _ROLE,
    "D14": _NAME,
    "D15": _NAME,
    "D16": _INDEX,
    "D17": _INDEX,
    "D18": _OPERATION,
    "D19": _OPERATION,
    "D20": "このステップは誤りです。反例はすべての宣言と仮定を満たし、両辺が定義され、関係が成り立ちません。数値を代入して"
    "確かめてください。考えられる原因は、その一か所を直すと証明できる場合にだけ示します。",
    "D30": _SHAPE,
    "D31": _SHAPE,
    "D40": "このステップは正しいかもしれません。証明も反例も見つかりませんでした。多くの点で一致しても証明にはなりません。"
    "ステップを細かくするか、繰り返し現れる部分を定義すると判定できることがあります。",
    "D50": "証明は、宣言と仮定が許すすべての値で成り立つものです。足りない条件を宣言(σ > 0)か「仮定」で始まる段落に"
    "書くか、ほかと矛盾するものを除いてください。",
    "D90": "証明はどれも、証明器と何も共有しないプログラムで両辺を無作為な点で計算して確かめています。"
    "ここでは二つが食い違うので、どちらも採用しません。",
}

WORDS = {
    "error": "エラー",
    "warning": "警告",
    "derivation": "導出",
    "step": "ステップ",
    "slide": "スライド",
    "previous_line": "前の行",
    "this_line": "この行",
    "left": "左辺",
    "right": "右辺",
    "shape": "形 {shape}",
    "counterexample": "反例",
    "at": "{place} で",
    "entry": "成分 {place}",
    "write_instead": "代わりに書く",
    "write": "前に書く文",
    "assume": "仮定: ${latex}$。",
    "same_error": "{steps} でも同じです",
    "not_closed": "{file}:{line}: この `{open}` は閉じられていないため数式になりません。この段落の区切りを確かめてください",
    "not_delimiter": "{file}:{line}: この書式では `\\(` は数式の始まりになりません。`$…$` と書いてください",
    "not_assumed": "{file}:{line}: 段落の途中の “{word}” は地の文です。段落の先頭にあるときだけ仮定になります",
    "note": "注",
    "likely_cause": "考えられる原因",
    "uses": "使った仮定",
    "reason": "書かれた理由",
    "only_this": "誤りはこのステップだけです。後の行はこの行から正しく導かれています",
    "true": "真",
    "false": "偽",
    "summary": "{steps}: 証明 {proved}、反証 {refuted}、未判定 {unknown}、エラー {error} ({seconds} 秒)",
    "one_step": "1 ステップ",
    "many_steps": "{total} ステップ",
    "no_step": "ステップがありません。ステップは $$ a = b $$ のような別行立て数式です",
    "instead": "正しくは:",
    "example": "例:",
    "declared": "ここでの宣言:",
    "unknown_code": "コード {code} はありません。コード: {codes}",
    "expected": "{wanted} のはずですが、{verdict} です",
    "proved": "証明済み",
    "refuted": "反証",
    "unknown": "未判定",
    "cannot_read_file": "{file} を読めません: {why}",
    "cannot_write_file": "{file} に書けません: {why}",
    "no_file": "ファイルがありません",
    "too_large": "{limit} を超えています",
    "directory": "ディレクトリーです",
    "not_utf8": "UTF-8 のテキストではありません(バイト {offset})",
    "nul": "NUL バイトがあります(バイト {offset})",
    "denied": "アクセス権がありません",
    "errata_summary": "{total} 件の誤りのうち {confirmed} 件を確認: 印刷された式は成り立たず、訂正は証明された",
    "no_derivation": "導出 {name} はありません。`derive list` で一覧を表示します",
    "checking": "検査中",
    "gradient_title": "{scalar} の {variable} による勾配",
    "hessian_title": "{scalar} の {variable} によるヘッセ行列",
    "hessian_product": "{scalar} の {variable} によるヘッセ行列と {direction} の積: "
    "{form} = ⟨{direction}, ∂{scalar}/∂{variable}⟩ の勾配",
    "cannot_read": "読めません: {why}",
    "where": "ただし",
    "steps": "途中の式",
    "kinks": "成分ごとに {conditions} のとき。{scalar} の折れ目では値を持ちません",
    "proved_always": "すべてのサイズと値について証明されました",
    "wrote": "{file} を書きました",
}
