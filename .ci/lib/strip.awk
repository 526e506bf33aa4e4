# Prints Swift source without its comments, line for line, so that a match keeps its line number.
#
#   awk -v strings=keep  -f strip.awk FILE...    comments become blanks
#   awk -v strings=blank -f strip.awk FILE...    and so does the text of string literals
#   awk -v where=1 ...                           every line begins with FILE:LINE:
#
# Understands nested block comments, """multi-line""" and #"raw"# literals, and interpolations (code
# again, to any depth). A one-line literal that its line does not end is closed at the line's end.
# One context a level: kind[level] is "code", "comment" or "string".

function push(k, h, m) {
    level++
    kind[level] = k; hashes[level] = h; multi[level] = m; parens[level] = 0
}

# How many times "#" stands in the line from position p on.
function run_of_hashes(line, p,    n) {
    n = 0
    while (substr(line, p + n, 1) == "#") n++
    return n
}

function repeated(n,    s) {
    s = ""
    while (n-- > 0) s = s "#"
    return s
}

FNR == 1 { level = 0; push("code", 0, 0) }

{
    line = $0; out = ""; i = 1; n = length(line)
    while (i <= n) {
        c = substr(line, i, 1); two = substr(line, i, 2)
        if (kind[level] == "comment") {
            if (two == "/*") { push("comment", 0, 0); out = out "  "; i += 2 }
            else if (two == "*/") { level--; out = out "  "; i += 2 }
            else { out = out " "; i++ }
        } else if (kind[level] == "string") {
            h = hashes[level]; fence = repeated(h)
            quote = (multi[level] ? "\"\"\"" : "\"") fence
            escape = "\\" fence
            if (substr(line, i, length(quote)) == quote) {
                level--
                out = out quote; i += length(quote)
            } else if (substr(line, i, length(escape) + 1) == escape "(") {
                push("code", 0, 0)
                out = out "  " repeated(h); i += length(escape) + 1
            } else if (substr(line, i, length(escape)) == escape) {
                step = length(escape) + 1
                out = out (strings == "keep" ? substr(line, i, step) : "  " repeated(h)); i += step
            } else {
                out = out (strings == "keep" ? c : " "); i++
            }
        } else if (two == "//") {
            break
        } else if (two == "/*") {
            push("comment", 0, 0); out = out "  "; i += 2
        } else if (c == "#" || c == "\"") {
            h = run_of_hashes(line, i)
            if (substr(line, i + h, 1) == "\"") {
                triple = substr(line, i + h, 3) == "\"\"\""
                # "" is an empty literal; """ opens a multi-line one only where the line ends after it.
                if (triple && h > 0 && index(substr(line, i + h + 3), "\"" repeated(h))) triple = 0
                push("string", h, triple)
                step = h + (triple ? 3 : 1)
                out = out substr(line, i, step); i += step
            } else {
                step = h > 0 ? h : 1
                out = out substr(line, i, step); i += step
            }
        } else if (c == "(") {
            parens[level]++
            out = out c; i++
        } else if (c == ")") {
            if (level > 1 && parens[level] == 0) level--
            else parens[level]--
            out = out c; i++
        } else {                                  # plain code: up to the next character that matters
            rest = substr(line, i + 1)
            step = match(rest, /[\/"#()]/) ? RSTART : length(rest) + 1
            out = out substr(line, i, step); i += step
        }
    }
    while (level > 1 && kind[level] == "string" && !multi[level]) level--
    print (where ? FILENAME ":" FNR ":" : "") out
}
