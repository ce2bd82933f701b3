// A type guessed from a name's suffix, for objects that come without one.
import { table } from '../../platform/table.ts'

const bySuffix = new Map<string, string>(
  `
application/epub+zip epub
application/java-archive jar
application/json json
application/manifest+json webmanifest
application/msword doc dot wiz
application/n-quads nq
application/n-triples nt
application/octet-stream a bin dll exe iso img o obj so
application/oda oda
application/ogg ogx
application/pdf pdf
application/pkcs7-mime p7c
application/postscript ai eps ps
application/rtf rtf
application/sql sql
application/toml toml
application/trig trig
application/vnd.apple.mpegurl m3u m3u8
application/vnd.ms-excel xls xlb
application/vnd.ms-fontobject eot
application/vnd.ms-powerpoint ppt pot ppa pps pwz
application/vnd.oasis.opendocument.presentation odp
application/vnd.oasis.opendocument.spreadsheet ods
application/vnd.oasis.opendocument.text odt
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/wasm wasm
application/x-7z-compressed 7z
application/x-bcpio bcpio
application/x-cpio cpio
application/x-csh csh
application/x-debian-package deb
application/x-dvi dvi
application/x-gtar gtar
application/x-hdf hdf
application/x-hdf5 h5
application/x-latex latex
application/x-pkcs12 p12 pfx
application/x-pn-realaudio ram
application/x-python-code pyc pyo
application/x-sh sh
application/x-shar shar
application/x-shockwave-flash swf
application/x-tar tar
application/x-tcl tcl
application/x-tex tex
application/x-texinfo texi texinfo
application/x-troff roff t tr
application/x-troff-man man
application/x-x509-ca-cert crt der pem
application/xml xsl rdf wsdl xpdl
application/yaml yaml yml
application/zip zip
audio/3gpp 3gp 3gpp
audio/aac aac adts
audio/basic au snd
audio/midi mid midi
audio/mp4 m4a
audio/mpeg mp3 mp2
audio/ogg ogg oga
audio/opus opus
audio/flac flac
audio/x-aiff aif aifc aiff
audio/x-wav wav
font/otf otf
font/ttf ttf
font/woff woff
font/woff2 woff2
image/avif avif
image/bmp bmp
image/gif gif
image/heic heic
image/heif heif
image/jpeg jpg jpe jpeg
image/png png
image/svg+xml svg
image/tiff tiff tif
image/vnd.microsoft.icon ico
image/webp webp
image/x-portable-anymap pnm
image/x-portable-bitmap pbm
image/x-portable-graymap pgm
image/x-portable-pixmap ppm
image/x-rgb rgb
image/x-xbitmap xbm
image/x-xpixmap xpm
message/rfc822 eml mht mhtml nws
text/calendar ics
text/css css
text/csv csv
text/html html htm
text/javascript js mjs
text/markdown md markdown
text/n3 n3
text/plain txt bat c h ksh pl srt log
text/richtext rtx
text/rtf rtf
text/tab-separated-values tsv
text/vtt vtt
text/x-python py
text/x-setext etx
text/x-sgml sgm sgml
text/x-vcard vcf
text/xml xml
video/mp4 mp4
video/mpeg mpeg m1v mpa mpe mpg
video/ogg ogv
video/quicktime mov qt
video/webm webm
video/x-matroska mkv
video/x-msvideo avi
video/x-sgi-movie movie
`
    .trim()
    .split('\n')
    .flatMap((line): [string, string][] => {
      const [type = '', ...suffixes] = line.split(' ')
      return suffixes.map((suffix) => [suffix, type])
    }),
)

/** what packs a file says nothing of what is in it: the suffix before it does */
const encodings = new Set(['gz', 'bz2', 'xz', 'br', 'z'])
const packed = table<string>({
  tgz: 'application/x-tar',
  taz: 'application/x-tar',
  tbz2: 'application/x-tar',
  txz: 'application/x-tar',
  svgz: 'image/svg+xml',
})

/** The type of a name; application/octet-stream when nothing says one. */
export function guessType(name: string): string {
  const parts = name.slice(name.lastIndexOf('/') + 1).split('.')
  let suffix = parts.length > 1 ? (parts.pop() ?? '').toLowerCase() : ''
  if (encodings.has(suffix)) suffix = parts.length > 1 ? (parts.pop() ?? '').toLowerCase() : ''
  return packed[suffix] ?? bySuffix.get(suffix) ?? 'application/octet-stream'
}
