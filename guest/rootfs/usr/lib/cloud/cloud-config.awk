# Splits the basics of a #cloud-config document into files: hostname, password, keys, runcmd (a shell script) and
# file-N.{path,content,permissions,encoding}. It reads the YAML that people write for cloud-init (block lists,
# flow lists, plain and quoted scalars, | and > blocks), not all of YAML.
function trim(s) { sub(/^[ \t]+/, "", s); sub(/[ \t\r]+$/, "", s); return s }
function plain(s) {
  s = trim(s)
  if (s ~ /^".*"$/) {
    s = substr(s, 2, length(s) - 2)
    gsub(/\\\\/, "\001", s); gsub(/\\n/, "\n", s); gsub(/\\t/, "\t", s); gsub(/\\"/, "\"", s); gsub(/\001/, "\\", s)
  } else if (s ~ /^'.*'$/) { s = substr(s, 2, length(s) - 2); gsub(/''/, "'", s) }
  else sub(/[ \t]+#.*$/, "", s)
  return s
}
function quoted(s) { gsub(/'/, "'\\''", s); return "'" s "'" }
# [a, "b c", d] as one shell command
function command(s,   n, i, c, q, item, out) {
  s = trim(s)
  if (s !~ /^\[.*\]$/) return plain(s)
  s = substr(s, 2, length(s) - 2) ","
  n = length(s)
  for (i = 1; i <= n; i++) {
    c = substr(s, i, 1)
    if (q != "") { item = item c; if (c == "\\" && q == "\"") { i++; item = item substr(s, i, 1) } else if (c == q) q = "" }
    else if ((c == "\"" || c == "'") && trim(item) == "") { q = c; item = c }
    else if (c == ",") { out = out (out == "" ? "" : " ") quoted(plain(item)); item = "" }
    else item = item c
  }
  return out
}
function indent_of(s) { match(s, /^ */); return RLENGTH }
function emit(what, value) {
  if (what == "runcmd") print value > (dir "/runcmd")
  else if (what == "keys") print value > (dir "/keys")
  else if (what ~ /^file/) printf "%s", value > (dir "/" what)
  else print value > (dir "/" what)
}
function end_block() {
  if (block == "") return
  if (block_kind ~ /-/) sub(/\n+$/, "", block_text)
  emit(block, block_text)
  block = ""
}
function scalar(what, value) { # a value, or the head of a block that follows
  if (trim(value) ~ /^[|>][-+0-9]*$/) { block = what; block_kind = trim(value); block_text = ""; block_indent = -1; block_parent = here }
  else emit(what, what == "runcmd" ? command(value) : plain(value))
}
function file_key(s,   key) {
  key = s; sub(/:.*/, "", key); key = trim(key)
  sub(/^[^:]*:/, "", s)
  if (key == "path" || key == "permissions" || key == "encoding" || key == "content") scalar("file-" files "." key, s)
}
{
  sub(/\r$/, "")
  here = indent_of($0)
  if (block != "") {
    if ($0 ~ /^ *$/) { block_text = block_text "\n"; next }
    if (block_indent < 0 && here > block_parent) block_indent = here
    if (block_indent >= 0 && here >= block_indent) {
      line = substr($0, block_indent + 1)
      if (block_kind ~ /^>/ && block_text != "" && block_text !~ /\n\n$/) sub(/\n$/, " ", block_text)
      block_text = block_text line "\n"
      next
    }
    end_block()
  }
  if ($0 ~ /^ *(#|$)/) next
  # a new key of the outermost map
  if (here == 0 && $0 !~ /^-/) {
    section = $0; sub(/:.*/, "", section)
    value = $0; sub(/^[^:]*:/, "", value)
    if (section == "hostname" || section == "fqdn") { if (section == "hostname" || !named) scalar("hostname", value); named = 1 }
    else if (section == "password") scalar("password", value)
    else if (section == "ssh_authorized_keys" && trim(value) ~ /^\[/) {
      value = trim(value); value = substr(value, 2, length(value) - 2)
      count = split(value, parts, ",")
      for (k = 1; k <= count; k++) emit("keys", plain(parts[k]))
    }
    item_indent = -1
    next
  }
  rest = trim($0)
  if (rest ~ /^-( |$)/ && (item_indent < 0 || here == item_indent)) {
    item_indent = here
    sub(/^- */, "", rest)
    if (section == "write_files") { files++; here += 2; if (rest != "") file_key(rest) }
    else if (section == "ssh_authorized_keys") scalar("keys", rest)
    else if (section == "runcmd") scalar("runcmd", rest)
    next
  }
  if (section == "write_files") file_key(rest)
}
END { end_block() }
