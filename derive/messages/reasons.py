"""Why something was not derived or compiled, in other languages: the facts that the machinery states.

Those are short English sentences made where they are found, with names and formulas in them; here each has its
translation, with {} for what it names.  A test fails where one is missing.
"""

from __future__ import annotations

import re
from functools import cache

JAPANESE = {
    # derive gradient, derive hessian
    "∂{}/∂{} was not derived": "∂{}/∂{} を導出できませんでした",
    "the Hessian of {} by {} was not derived": "{} の {} によるヘッセ行列を導出できませんでした",
    "the Hessian by {} has four axes": "{} によるヘッセ行列は軸が四つあります",
    "no argument of {} tells how long {} is": "{} の引数からは {} の長さがわかりません",
    "its closed form is too long": "閉じた式が長すぎます",
    "the gradient by {} rests on an assumption that may hold on a surface only: {}":
        "{} による勾配は、曲面の上でしか成り立たないことのある仮定に依存しています: {}",
    "{} does not depend on {}; the second derivative is 0": "{} は {} に依存しません。二階微分は 0 です",
    "not proved: {} ({})": "証明できません: {}({})",
    "the derivative of an array inside a formula": "数式の中に配列の微分があります",
    "the derivative of an array inside a formula: {}": "数式の中に配列の微分があります: {}",
    "the assumptions contradict each other: {}": "仮定が互いに矛盾しています: {}",
    "the formula is nested too deeply": "数式の入れ子が深すぎます",
    "the value of {}: {}": "{} の値: {}",
    "no rule for {}": "{} の規則がありません",
    "no rule for {}: {}": "{} の規則がありません: {}",
    "an unknown function of an array has no gradient of its own": "配列の未知関数には固有の勾配がありません",
    "an unknown function of an array has no gradient of its own: {}": "配列の未知関数には固有の勾配がありません: {}",
    "shapes of a product": "積の形が合いません",
    "shapes of a product: {}": "積の形が合いません: {}",
    "what counts only where two indices differ has no value where they do not": "二つの添字が異なる所だけで意味をもつ式が、等しい所で値をもちません",
    "{} with its parts named is not seen to be {}: {}": "部分に名前を付けた {} が {} と等しいと確かめられません: {}",
    "{} does not depend on {}; it depends on {}": "{} は {} に依存しません。依存するのは {} です",
    "{} does not depend on {}; it depends on nothing": "{} は {} に依存しません。何にも依存しません",
    "no scalar is defined as {}; the scalars are {}": "{} というスカラーの定義はありません。スカラーは {} です",
    "no scalar is defined as {}; the scalars are none": "{} というスカラーの定義はありません。スカラーの定義が一つもありません",
    "the document of {} cannot be read whole": "{} の文書に読めない箇所があります",
    "{} is defined {} times; choose one with --section HEADING":
        "{} は {} 回定義されています。--section 見出し で選んでください",
    "{} is convex in {}": "{} は {} について凸です",
    "{} is convex in {}, where {}": "{} は {} について凸です(条件: {})",
    "{} is concave in {}": "{} は {} について凹です",
    "{} is concave in {}, where {}": "{} は {} について凹です(条件: {})",
    "a function of numbers whose value is an array; declare what it depends on":
        "値が配列になる数の関数です。何に依存するかを宣言してください",
    "names that hide each other need more than six headings": "互いに隠れる名前には七つ以上の見出しが必要です",
    "two names are written {}, and one formula needs both": "{} と書く名前が二つあり、一つの式に両方が必要です",
    # proofs
    "the time limit was reached": "時間の上限に達しました",
    "the claim is nested too deeply": "主張の入れ子が深すぎます",
    # limits
    "this takes more than {} s; allow more with --time-limit, or split the definition":
        "{} 秒を超えます。--time-limit を大きくするか、定義を分けてください",
    "this needs more than {}; allow more with --memory-limit, or split the definition":
        "メモリ {} を超えます。--memory-limit を大きくするか、定義を分けてください",
    "internal error, please report it: {}": "内部エラーです。報告してください: {}",
    # codegen
    "{} cannot be compiled": "{} をコンパイルできません",
    "the program gives other numbers than its theorem": "プログラムの値が定理と一致しません",
    "`{}` cannot be read": "`{}` が読めません",
    "nothing to compile": "コンパイルするものがありません",
    "the document has no definition": "文書に定義がありません",
    "no definition of {}": "{} の定義がありません",
    "the document defines {}": "文書で定義されているのは {} です",
    "no scalar has a derivative by {}": "{} で微分できるスカラーがありません",
    "they depend on {}": "依存するのは {} です",
    "no section {}": "見出し {} がありません",
    "two headings have this text": "同じ見出しが二つあります",
    "the headings are {}": "見出しは {} です",
    "the name {}": "名前 {}",
    "it is defined more than once; choose with --section HEADING":
        "二回以上定義されています。--section 見出し で選んでください",
    "a derivative of something that has no name": "名前のないものの微分です",
    "a function of an array that is not declared": "宣言されていない配列の関数です",
    "two functions of the module would be called {}": "モジュールに {} という関数が二つできます",
    "an entry of what is not a name": "名前でないものの要素です",
    "no program for {}": "{} のプログラムがありません",
    "a matrix without entries": "要素のない行列です",
    "an inverse or determinant for every value of an index": "添字の値ごとの逆行列または行列式です",
    "the right side has an index that the left side has not": "右辺に、左辺にない添字があります",
    "{} is a function and needs its argument": "{} は関数なので引数が必要です",
    "{} is neither declared nor defined": "{} は宣言も定義もされていません",
    "the value depends on {}, which no argument gives": "値は {} に依存しますが、どの引数からも得られません",
    "{} is not declared": "{} は宣言されていません",
    "{} means different things in the theorems to compile": "{} の意味が定理によって異なります",
    "no argument has an axis that tells the size {}": "サイズ {} を決める軸を持つ引数がありません",
    "a system of equations with more than one axis on the right": "右辺に軸が二つ以上ある連立方程式です",
    "a derivative that no theorem gives a formula for": "定理が式を与えない微分です",
    "an entry needs one index per axis": "要素には軸ごとに一つの添字が必要です",
    "{} is an unknown function: define it to compute it": "{} は未知関数です。計算するには定義してください",
    "no theorem says what the derivative of {} is": "{} の微分を与える定理がありません",
    "{} takes {} arguments": "{} の引数は {} 個です",
    "a square matrix with equal rows or columns is singular": "行または列が等しい正方行列は特異です",
    "no code for {}": "{} のコードがありません",
}  # fmt: skip

TABLES: dict[str, dict[str, str]] = {"ja": JAPANESE}
#: what stands for a reason of the prover that has no translation
UNPROVED = {"ja": "証明が見つかりませんでした"}


@cache
def _patterns(lang: str) -> list[tuple[re.Pattern[str], str]]:
    """The longest sentences first: of two that fit, the one that says more."""
    table = sorted(TABLES.get(lang, {}).items(), key=lambda row: -len(row[0].replace("{}", "")))
    return [(re.compile("(.+?)".join(map(re.escape, k.split("{}"))), re.DOTALL), v) for k, v in table]


def reason(text: str, lang: str = "en") -> str:
    """The text in the language: each line, and what a sentence quotes in brackets or after its colon."""
    if lang not in TABLES:
        return text
    return "\n".join(_line(line, lang) for line in text.split("\n"))


def _line(line: str, lang: str) -> str:
    for pattern, made in _patterns(lang):
        found = pattern.fullmatch(line)
        if found is not None:
            parts = list(found.groups())
            if made.endswith(("{})", ": {}")) and parts:
                parts[-1] = _quoted(parts[-1], lang)
            return made.format(*parts)
    head, bracket, part = line.rpartition(" (")  # the formula that stands in the way
    said = _line(head, lang) if bracket and part.endswith(")") else head
    return f"{said} ({part}" if said != head else line


def _quoted(text: str, lang: str) -> str:
    """A reason inside a sentence, or a formula, which needs no translation."""
    said = _line(text, lang)
    plain = re.fullmatch(r"[a-z][a-z ,;'’-]+( [a-z]+)+.*", text)
    return UNPROVED[lang] if said == text and plain else said


__all__ = ["TABLES", "reason"]
