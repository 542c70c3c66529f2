load helper

table() { # two sets with an array each
	hmm-phantom -o study --subjects 1 --size 8 --slices 2 --missing 0 -s 1
	hmm-slice --subject 'sub	1' --resize 0 --crop 0 T1w=study/sub-001/anat/sub-001_T1w.nii.gz
}

safetensors() { # a header, then 11 bytes of data: two floats and three bytes
	printf "\\x$(printf %02x $((${#1} & 255)))\\x$(printf %02x $((${#1} >> 8)))\\0\\0\\0\\0\\0\\0%s" "$1"
	printf '\0\0\200\77\0\0\0\100\1\0\1'
}

@test "hmm-show: a line a record, with the history before it" {
	table | hmm-show >shown
	[ "$(grep -c '^# hmm-slice' shown)" = 1 ]
	[ "$(grep -c '^sub\\t1' shown)" = 2 ]
	[ "$(awk -F'\t' '/^sub[\\]t/ { print $3, $7, $8, $9, $10, $11; exit }' shown)" = "T1w n/a 0 2 (1,8,8) U8" ]
}

@test "hmm-show: --json is one object a line" {
	table | hmm-show --json >shown
	[ "$(wc -l <shown)" = 3 ]
	head -n 1 shown | grep -q '"kind":"slices"'
	tail -n 1 shown | grep -q '"subject":"sub\\t1".*"index":1.*"shape":\[1,8,8\]'
}

@test "hmm-show: names that are no UTF-8 are bytes in a stream, and marked in JSON" {
	table | hmm-show >/dev/null
	t1=study/sub-001/anat/sub-001_T1w.nii.gz
	valid=$'\xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbf \xdf\xbf' # 3, 4, 3 and 2 bytes
	# a byte alone, one too few, an overlong slash, a surrogate, above U+10FFFF
	for bad in $'\xfc' $'\xe2\x82' $'\xc0\xaf' $'\xed\xa0\x80' $'\xf4\x90\x80\x80'; do
		hmm-slice --subject "$valid$bad!" "$t1" >bad.hmm
		[ "$(hmm-show bad.hmm | tail -n 1 | cut -f 1)" = "$valid$bad!" ]
		hmm-show --json bad.hmm | tail -n 1 >json
		grep -qF "\"subject\":\"$valid$(printf '\xef\xbf\xbd%.0s' $(seq ${#bad}))!\"" json
		LC_ALL=C.UTF-8 iconv -f UTF-8 -t UTF-8 json >/dev/null
	done
	hmm-slice --subject "$valid" "$t1" | hmm-show --json | tail -n 1 | grep -qF "\"subject\":\"$valid\""
}

@test "hmm-show: what would control a terminal is escaped, in a stream, a model and weights, and read back" {
	hmm-phantom -o study --subjects 1 --size 8 --slices 1 --missing 0 -s 1
	# ESC, DEL, CSI in UTF-8, and what only looks like an escape
	hostile=$'\x1b]0;x\a\x7f\xc2\x9b31m \\x1b \xc2\xa0\xc3\x9b'
	hmm-slice --subject "$hostile" study/sub-001/anat/sub-001_T1w.nii.gz >a.hmm
	mkdir "$hostile"
	hmm-show --npy "$hostile" a.hmm >table.tsv
	[ "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177]')" table.tsv)" = 0 ]
	[ "$(LC_ALL=C grep -c $'\xc2[\x80-\x9f]' table.tsv)" = 0 ]
	grep -qF '\x1b]0;x\x07\x7f\xc2\x9b31m \\x1b '$'\xc2\xa0\xc3\x9b' table.tsv
	hmm-show --from-npy slices table.tsv >b.hmm
	diff <(hmm-show --json a.hmm | tail -n 1) <(hmm-show --json b.hmm | tail -n 1)
	safetensors '{"__metadata__":{"\u001b[2J":"\u009b2J"},"t\u001b\n\tx":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}' | head -c -3 >m.safetensors
	hmm-show m.safetensors >shown
	hmm-weights m.safetensors >>shown
	[ "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177]')" shown)" = 0 ]
	[ "$(grep -cF 't\x1b\n\tx	F32' shown)" = 2 ]
	grep -qF '# \x1b[2J	\xc2\x9b2J' shown
}

@test "hmm-show: --npy and --from-npy are inverse" {
	mkdir npy
	table >a.hmm
	hmm-show --npy npy a.hmm >table.tsv
	[ "$(ls npy | wc -l)" = 2 ]
	hmm-show --from-npy slices table.tsv >b.hmm
	mkdir again
	hmm-show --npy again b.hmm >/dev/null
	cmp npy/000000.npy again/000000.npy
	cmp npy/000001.npy again/000001.npy
	diff <(hmm-show a.hmm | grep -v '^#') <(hmm-show b.hmm | grep -v '^#')
}

@test "hmm-show: a model's metadata, the histories in it, and its tensors" {
	history='{\"T1w\":[{\"program\":\"hmm-slice\",\"options\":\"axis=axial\"},{\"program\":\"hmm-vgg\"}],\"PET\":[{\"n\":3}]}'
	safetensors '{"__metadata__":{"program":"hmm-rho","history":"'"$history"'","odd":"[1,2"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[8,11]}}' >m.safetensors
	hmm-show m.safetensors >shown
	diff shown - <<-END
		# program	hmm-rho
		# history	T1w	program=hmm-slice	options=axis=axial
		# history	T1w	program=hmm-vgg
		# history	PET	n=3
		# odd	[1,2
		name	dtype	shape	mean	min	max
		a	F32	(2)	1.5	1	2
		mask	BOOL	(3)	n/a	n/a	n/a
	END
	hmm-show --json m.safetensors >shown
	diff shown - <<-END
		{"metadata":{"program":"hmm-rho","history":{"T1w":[{"program":"hmm-slice","options":"axis=axial"},{"program":"hmm-vgg"}],"PET":[{"n":3}]},"odd":"[1,2"}}
		{"name":"a","dtype":"F32","shape":[2],"mean":1.5,"min":1.0,"max":2.0}
		{"name":"mask","dtype":"BOOL","shape":[3]}
	END
	refuse 1 'want a stream for --npy' hmm-show --npy . m.safetensors
	head -c 100 m.safetensors >cut.safetensors
	refuse 1 'truncated' hmm-show cut.safetensors
	refuse 1 'No space left' sh -c 'hmm-show m.safetensors >/dev/full'
}

array() { # NAME DTYPE SHAPE BYTES...: NAME.npy, and NAME.tsv with it as its second row
	local header="{'descr': '$2', 'fortran_order': ${order:-False}, 'shape': $3, }"$'\n'
	{
		printf "\\x93NUMPY\\x01\\x00\\x$(printf %02x ${#header})\\x00%s" "$header"
		printf "$4"
	} >"$1.npy"
	printf 'subject\tmodality\tnpy\nsub-01\tT1w\tgood.npy\nsub-02\tPET\t%s.npy\n' "$1" >"$1.tsv"
}

@test "hmm-show: --from-npy converts what has one meaning" {
	array good '<f4' '(2,)' '\0\0\x80\x3f\0\0\0\x40' # 1, 2
	array double '<f8' '(3,)' '\0\0\0\0\0\0\xf0\x3f\x9a\x99\x99\x99\x99\x99\xb9\x3f\0\0\0\0\0\0\0\0' # 1, .1, 0
	array half '<f2' '(1, 2, 1)' '\0\x3c\1\0' # 1, 2^-24
	array long '<i8' '(2,)' '\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\x80' # 2^24, -2^63
	array word '<i2' '(1, 1, 2)' '\xff\xff\x39\x30' # -1, 12345
	array bool '|b1' '(2,)' '\1\0'
	read -r -d '' want <<-END || :
		double (3,1,1) 0.366667 0 1
		half (1,2,1) 0.5 5.96046e-08 1
		long (2,1,1) -4.61169e+18 -9.22337e+18 1.67772e+07
		word (1,1,2) 6172 -1 12345
		bool (2,1,1) 0.5 0 1
	END
	for name in double half long word bool; do
		for kind in features latents sets; do
			hmm-show --from-npy $kind $name.tsv >$name.hmm
			hmm-show $name.hmm | awk -F'\t' -v name=$name '/^sub-02/ { print name, $10, $12, $13, $14; print $11 >"type" }' >have
			diff have <(grep "^$name " <<<"$want")
			[ "$(cat type)" = F32 ]
		done
	done
	hmm-show --npy . double.hmm >/dev/null # .1 is the nearest float32
	[ "$(tail -c 8 000001.npy | head -c 4 | od -An -tx1 | tr -d ' ')" = cdcccc3d ]

	array good '|u1' '(1, 1, 2)' '\1\2'
	array grey '<i8' '(1, 2)' '\0\0\0\0\0\0\0\0\xff\0\0\0\0\0\0\0' # 0, 255
	[ "$(hmm-show --from-npy slices grey.tsv | hmm-show | awk -F'\t' '/^sub-02/ { print $10, $11, $13, $14 }')" = '(1,1,2) U8 0 255' ]
}

@test "hmm-show: --from-npy refuses the rest, at the row that has it" {
	at() { # NAME KIND PATTERN
		refuse 1 "^hmm-show: $1.tsv: row 2 \(sub-02 PET\): $3" hmm-show --from-npy "$2" "$1.tsv"
		refuse 1 '' sh -c "hmm-show --from-npy $2 $1.tsv | hmm-show >/dev/null" # nor does anyone read it
	}
	array good '<f4' '(2,)' '\0\0\x80\x3f\0\0\0\x40'
	array scalar '<f4' '()' '\0\0\0\0'
	array plane '<f4' '(1, 1)' '\0\0\0\0'
	array four '<f4' '(1, 1, 1, 1)' '\0\0\0\0'
	array empty '<f4' '(0,)' ''
	array hollow '<f4' '(1, 0, 3)' ''
	array nan '<f4' '(1, 2, 1)' '\0\0\0\0\0\0\xc0\x7f'
	array infinite '<f8' '(1,)' '\0\0\0\0\0\0\xf0\xff'
	array large '<f8' '(1,)' '\x9c\x75\0\x88\x3c\xe4\x37\x7e' # 1e300
	array small '<f8' '(1,)' '\0\0\0\0\0\0\1\0'
	array odd '<i8' '(2,)' '\0\0\0\0\0\0\0\0\1\0\0\1\0\0\0\0' # 2^24 + 1
	array unsigned '<u4' '(1,)' '\0\0\0\0'
	array swapped '>f4' '(1,)' '\0\0\0\0'
	order=True array columns '<f4' '(1, 1)' '\0\0\0\0'
	for kind in features latents sets; do
		at scalar $kind 'shape \(\), want \(channels,height,width\) or a vector'
		at plane $kind 'shape \(1,1\), want'
		at four $kind 'shape \(1,1,1,1\), want'
		at empty $kind 'shape \(0\) has no elements'
		at hollow $kind 'shape \(1,0,3\) has no elements'
		at nan $kind 'x is NaN at \(0,1,0\), not finite'
		at infinite $kind 'x is infinite at \(0,0,0\), not finite'
		at large $kind "x is 1e\+300 at \(0,0,0\), out of float32's range"
		at small $kind 'x is 1.*e-3.. at \(0,0,0\), out of'
		at odd $kind 'x is 16777217 at \(1,0,0\), which no float32 is'
		at unsigned $kind "unsigned.npy: dtype '<u4', want"
		at swapped $kind "swapped.npy: dtype '>f4', want"
		at columns $kind 'columns.npy: Fortran order'
	done
	array good '|u1' '(1, 1)' '\1'
	array floats '<f4' '(1, 1)' '\0\0\0\0'
	array more '<i2' '(1, 2)' '\0\0\0\1'
	array less '|i1' '(1, 2)' '\0\xff'
	array channels '|u1' '(2, 1, 1)' '\0\0'
	array vector '|u1' '(1,)' '\0'
	at floats slices 'numbers of type F32, want whole ones'
	at more slices 'x is 256 at \(0,0,1\), want 0 to 255'
	at less slices 'x is -1 at \(0,0,1\), want 0 to 255'
	at channels slices 'shape \(2,1,1\), want \(1\|3,height,width\)'
	at vector slices 'shape \(1\), want'
}

@test "hmm-show: an import says what it is, or has a digest of its arrays" {
	array good '<f4' '(2,)' '\0\0\x80\x3f\0\0\0\x40'
	array other '<f4' '(2,)' '\0\0\x80\x3f\0\0\0\0'
	sum() { sha256sum | cut -c 1-64; }
	entry() { hmm-show --from-npy features --show-history "$@"; }
	entry --name 'radiomics 2' good.tsv | grep -q '"options":"name=radiomics 2","weights":"'"$(printf 'radiomics 2' | sum)"
	entry -w good.npy other.tsv | grep -q '"weights":"'"$(sum <good.npy)"
	[ "$(entry good.tsv)" != "$(entry other.tsv)" ]
	[ "$(entry --name a good.tsv)" = "$(entry --name a other.tsv)" ]
	[ "$(entry --name a good.tsv)" != "$(entry --name b good.tsv)" ]
	sed 's/sub-01/sub-09/' good.tsv >renamed.tsv
	[ "$(entry good.tsv)" = "$(entry renamed.tsv)" ]
	hmm-show --from-npy features --name a good.tsv | hmm-show --json | head -n 1 | grep -qF "$(entry --name a good.tsv)"
	refuse 1 'absent: cannot open' hmm-show --from-npy features -w absent good.tsv
	for option in '--name a' '-w good.npy' --show-history; do
		refuse 2 'go with --from-npy' hmm-show $option good.tsv
	done
	refuse 2 'go with --from-npy, --json and --npy do not' hmm-show --json --from-npy features good.tsv
}

@test "hmm-show: refuses what is no stream, no array, a terminal's worth of nonsense" {
	refuse 1 'empty' hmm-show /dev/null
	refuse 1 'cannot open' hmm-show absent.hmm
	echo nonsense >text
	refuse 1 'not a stream' hmm-show text
	printf 'subject\tnpy\ns\ttext\n' >table.tsv
	refuse 1 'not a .npy' hmm-show --from-npy sets table.tsv
	printf 'subject\tindex\tnpy\ns\tabc\ttext\n' >index.tsv
	refuse 1 "row 1: index 'abc', want a small number" hmm-show --from-npy sets index.tsv
	refuse 2 'want slices' hmm-show --from-npy nosuch table.tsv
	refuse 2 'at most one' hmm-show a b
}

@test "hmm-show: Python reads a stream with msgpack and msgpack_numpy alone" {
	/usr/bin/python3 -c 'import msgpack, msgpack_numpy' 2>/dev/null || skip "no python3-msgpack-numpy here"
	table >a.hmm
	/usr/bin/python3 - <<-'PYTHON'
		import msgpack, msgpack_numpy
		objects = list(msgpack.Unpacker(open("a.hmm", "rb"), object_hook=msgpack_numpy.decode))
		assert objects[0]["hmm"] == 1 and objects[0]["kind"] == "slices"
		assert objects[0]["history"][0]["program"] == "hmm-slice"
		assert [o["index"] for o in objects[1:-1]] == [0, 1]
		assert all(o["x"].shape == (1, 8, 8) and o["x"].dtype == "u1" for o in objects[1:-1])
		assert objects[-1]["end"] == 2
	PYTHON
}

@test "hmm-show: what Python writes is read" {
	/usr/bin/python3 -c 'import msgpack, msgpack_numpy, xxhash' 2>/dev/null || skip "no python3-msgpack-numpy and python3-xxhash here"
	/usr/bin/python3 - <<-'PYTHON'
		import msgpack, msgpack_numpy, numpy, xxhash
		body = b"".join(msgpack.packb(o, default=msgpack_numpy.encode) for o in (
		    {"hmm": 1, "kind": "sets", "history": []},
		    {"x": numpy.arange(6, dtype="f4").reshape(1, 2, 3), "label": 1, "note": {"any": ["thing"]}, "subject": "s"}))
		end = msgpack.packb({"end": 1, "xxh3": xxhash.xxh3_64_intdigest(body)})
		open("python.hmm", "wb").write(body + end)
	PYTHON
	[ "$(hmm-show python.hmm | awk -F'\t' '/^s\t/ { print $7, $10, $12 }')" = "1 (1,2,3) 2.5" ]
}

# A picture's planes as bytes: planes PNG, into the file planes; and their shape in $shape.
planes() {
	rm -rf decoded && mkdir decoded
	shape=$(hmm-slice -q --resize 0 --crop 0 "$1" | hmm-show --npy decoded | tail -n 1 | grep -o '([0-9,]*)')
	local header=$((10 + $(od -An -tu2 -j8 -N2 decoded/000000.npy)))
	tail -c "+$((header + 1))" decoded/000000.npy >planes
	IFS='(,)' read -r _ channels height width _ <<<"$shape"
}
# Of plane C the bytes of a rectangle: window C TOP LEFT HEIGHT WIDTH
window() {
	local y
	for ((y = $2; y < $2 + $4; y++)); do
		tail -c "+$((($1 * height + y) * width + $3 + 1))" planes | head -c "$5"
	done
}
is() { cmp "$1" - || { echo "$1 is not there"; return 1; }; } # FILE: standard input has its bytes
same_everywhere() { [ "$(od -An -v -tu1 -w1 | sort -u | xargs)" = "$1" ]; } # BYTE
noise() { # NAME HEIGHT WIDTH CHANNELS: NAME.hmm's picture, and its planes in NAME
	head -c $(($2 * $3 * $4)) /dev/urandom >interleaved
	{ printf 'P%d\n%d %d\n255\n' $(($4 == 3 ? 6 : 5)) "$3" "$2" && cat interleaved; } >"$1.pnm"
	for ((c = 0; c < $4; c++)); do
		od -An -v -tu1 "-w$4" interleaved | awk -v c="$c" '{ printf "\\x%02x", $(c + 1) }' | xargs -0 printf
	done >"$1"
}
stream() { hmm-slice -q --resize 0 --crop 0 --subject "$@"; }
digest=$(printf '89abcdef%.0s' {1..8})
# A stream as a generator would make it of these.
imputed() { # STREAM MODALITY
	rm -rf npy && mkdir npy
	hmm-show --npy npy "$1" | grep -v '^#' | awk -F'\t' -v OFS='\t' -v modality="$2" -v digest="$digest" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR > 1 { $at["modality"] = modality; $at["imputed"] = digest }
		{ print }' >imputed.tsv
	hmm-show --from-npy slices imputed.tsv
}

@test "hmm-show: --png draws slices as they are, each in its row and column" {
	for picture in a b c d; do noise $picture 12 60 1; done
	stream s1 T1w=a.pnm PET=b.pnm >s1.hmm
	stream s2 PET=d.pnm T1w=c.pnm >s2.hmm
	cat s1.hmm s2.hmm | hmm-show --png sheet.png >out 2>said
	[ ! -s out ]
	[ ! -s said ]
	planes sheet.png
	# 4 around all; a name of 10, modality and number of 10 each, 12 of the slice, and 8
	[ "$shape" = "(1,$((4 + 2 * 50)),$((4 + 2 * 64)))" ]
	window 0 34 4 12 60 | is a
	window 0 34 68 12 60 | is b
	window 0 84 4 12 60 | is c # in the column of its modality
	window 0 84 68 12 60 | is d
	# names are black on white: the T of T1w
	[ "$(window 0 14 4 7 5 | od -An -v -tu1 -w5 | tr -s ' ' | xargs)" = "0 0 0 0 0$(printf ' 255 255 0 255 255%.0s' 1 2 3 4 5 6)" ]
	window 0 0 0 4 "$width" | same_everywhere 255
	window 0 46 0 8 "$width" | same_everywhere 255
	# the same bytes again
	cat s1.hmm s2.hmm | hmm-show --png again.png
	cmp sheet.png again.png
}

@test "hmm-show: --png --bars draws a number below each slice" {
	for picture in a b c d; do noise $picture 12 61 1; done
	stream s1 T1w=a.pnm PET=b.pnm >s1.hmm
	stream s2 PET=d.pnm T1w=c.pnm >s2.hmm
	printf '%s\n' 'value	index	subject	modality' '2	0	s1	T1w' '-1	0	s1	PET' '8	7	s1	PET' '-.1	0	s2	T1w' >bars.tsv
	cat s1.hmm s2.hmm | hmm-show --png sheet.png --bars bars.tsv 2>said
	grep -qx 'hmm-show: warning: bars.tsv: 1 of 4 rows are of no slice of standard input' said
	planes sheet.png
	window 0 34 4 12 61 | is a
	window 0 34 69 12 61 | is b
	# two white lines and six of the bar: from the middle, pixel 30, its share of 30 more
	strip() { # TOP LEFT FROM COUNT
		window 0 $(($1 + 12)) "$2" 2 61 | same_everywhere 255
		for line in 2 7; do
			diff <(window 0 $(($1 + 12 + line)) "$2" 1 61 | od -An -v -tu1 -w1 | tr -d ' ') \
				<(seq 0 60 | awk -v from="$3" -v count="$4" '{ print ($1 >= from && $1 < from + count ? 0 : 255) }')
		done
	}
	strip 34 4 30 9   # 2 of 8
	strip 34 69 26 5  # -1 of 8
	strip 92 4 0 31   # all of its subject
	strip 92 69 0 0   # not in the table
	# rows of slices that are there and not drawn are no reason to warn
	head -n 3 bars.tsv >two.tsv
	hmm-show --png one.png --bars two.tsv --slices 0 s1.hmm 2>&1 | grep -c warning: && false
	refuse 1 'two.tsv: not one of its 2 rows is of a slice of s2.hmm: want subject, modality, index and source as there' hmm-show --png none.png --bars two.tsv s2.hmm
	[ ! -e none.png ]
	cp bars.tsv before.tsv
	refuse 1 'bars.tsv' hmm-show --png bars.tsv --bars bars.tsv s1.hmm
	cmp bars.tsv before.tsv
	refuse 2 'bars go with --png' sh -c 'hmm-show --bars bars.tsv s1.hmm'
	refuse 1 "no column 'value'|value" sh -c 'cut -f2- bars.tsv >cut.tsv; hmm-show --png x.png --bars cut.tsv s1.hmm'
	refuse 1 "row 2: value 'x', want a finite number" sh -c 'sed s/-1/x/ bars.tsv >odd.tsv; hmm-show --png x.png --bars odd.tsv s1.hmm'
	refuse 1 "row 1: index '0.5', want a slice" sh -c 'sed "2s/	0	/	0.5	/" bars.tsv >odd.tsv; hmm-show --png x.png --bars odd.tsv s1.hmm'
	refuse 1 'subject s1: slice 0 of T1w stands there twice' sh -c '(cat bars.tsv; sed -n 2p bars.tsv) >odd.tsv; hmm-show --png x.png --bars odd.tsv s1.hmm'
}

@test "hmm-show: --png leaves the place of what is missing empty, and says what is imputed" {
	for picture in a b; do noise $picture 12 80 1; done
	stream s1 T1w=a.pnm PET=b.pnm >s1.hmm
	stream s2 PET=a.pnm >s2.hmm
	stream s2 PET=b.pnm >source.hmm
	imputed source.hmm T1w >s2-imputed.hmm
	cat s1.hmm s2.hmm s2-imputed.hmm | hmm-show --png sheet.png
	planes sheet.png
	[ "$shape" = "(1,$((4 + 2 * 60)),$((4 + 3 * 84)))" ] # a line more, of the generator
	window 0 44 4 12 80 | is a
	window 0 44 88 12 80 | is b
	window 0 64 4 48 80 | tail -c +$((80 * 10)) | same_everywhere 255 # s2 has no real T1w
	window 0 104 88 12 80 | is a
	window 0 104 172 12 80 | is b
	window 0 4 172 60 80 | same_everywhere 255
	# "T1w imputed" begins as "T1w" does, and is longer; "by 89abcdef" below it
	cmp <(window 0 74 172 7 18) <(window 0 14 4 7 18)
	window 0 14 22 7 40 | same_everywhere 255
	window 0 74 190 7 40 | od -An -v -tu1 -w1 | grep -qx ' *0'
	window 0 84 172 7 60 | od -An -v -tu1 -w1 | grep -qx ' *0'
	window 0 84 88 7 60 | same_everywhere 255
}

@test "hmm-show: --png in RGB, slices of any size" {
	noise grey 12 60 1
	noise rgb 30 80 3
	noise dot 1 1 1
	{ stream s1 a=grey.pnm b=rgb.pnm && stream s2 a=dot.pnm; } >all.hmm
	hmm-show --png sheet.png all.hmm
	planes sheet.png
	[ "$shape" = "(3,$((4 + 30 + 30 + 8 + 30 + 1 + 8)),$((4 + 64 + 84)))" ]
	for c in 0 1 2; do
		window $c 34 4 12 60 | is grey
		window $c 34 68 30 80 >have
		tail -c "+$((c * 2400 + 1))" rgb | head -c 2400 | is have
		window $c 102 4 1 1 | is dot
	done
}

@test "hmm-show: --png --subjects and --slices choose, in their order" {
	hmm-phantom -o study --subjects 3 --size 16 --slices 5 --missing 0 -s 1
	for s in 1 2 3; do stream "s$s" "T1w=study/sub-00$s/anat/sub-00${s}_T1w.nii.gz"; done >all.hmm
	slice() { # SUBJECT INDEX: its bytes
		rm -rf one && mkdir one
		hmm-show --npy one all.hmm >table
		tail -c 256 "$(awk -F'\t' -v s="$1" -v i="$2" '
			$1 == "subject" { for (c = 1; c <= NF; c++) at[$c] = c }
			$1 == s && $at["index"] == i { print $at["npy"] }' table)"
	}
	hmm-show --png sheet.png --subjects s3,s1 --slices 4,1 all.hmm >out 2>said
	[ ! -s said ]
	planes sheet.png
	[ "$shape" = "(1,$((4 + 2 * 54)),$((4 + 2 * 46)))" ] # as wide as "slice 4"
	window 0 34 4 16 16 >have && slice s3 4 | is have
	window 0 34 50 16 16 >have && slice s3 1 | is have
	window 0 88 4 16 16 >have && slice s1 4 | is have
	window 0 88 50 16 16 >have && slice s1 1 | is have
	hmm-show --png sheet.png all.hmm 2>said
	[ ! -s said ]
	planes sheet.png
	[ "$shape" = "(1,$((4 + 3 * 54)),$((4 + 5 * 46)))" ]
	cp all.hmm kept.hmm
	ln -s all.hmm link.hmm
	refuse 1 'all.hmm: is what is read, want another file' hmm-show --png all.hmm all.hmm
	refuse 1 'all.hmm: is what is read, want another file' hmm-show --png link.hmm all.hmm
	refuse 1 'all.hmm: is what is read' sh -c 'hmm-show --png all.hmm <all.hmm'
	cmp all.hmm kept.hmm
	refuse 1 'all.hmm: no subject s9' hmm-show --png no.png --subjects s1,s9 all.hmm
	refuse 1 'all.hmm: no slice 5' hmm-show --png no.png --slices 1,5 all.hmm
	for list in '' , 1, x 1,x -1 99999999999999999999 1,1; do
		refuse 2 'slices: ' hmm-show --png no.png "--slices=$list" all.hmm
	done
	for list in '' s1, s1,s1; do refuse 2 'subjects: ' hmm-show --png no.png "--subjects=$list" all.hmm; done
	for option in --subjects=s1 --slices=1; do refuse 2 'go with --png' hmm-show $option all.hmm; done
	for option in --json '--npy .' '--from-npy slices'; do refuse 2 'do not' hmm-show --png no.png $option all.hmm; done
	[ ! -e no.png ]
}

@test "hmm-show: --png of thousands of slices takes a few evenly, and counts the others" {
	hmm-phantom -o study --subjects 1 --size 8 --slices 40 --missing 0 -s 1
	for s in $(seq 15); do stream "s$s" T1w=study/sub-001/anat/sub-001_T1w.nii.gz; done >all.hmm
	hmm-show --png sheet.png all.hmm 2>said
	[ "$(cat said)" = "hmm-show: sheet.png: 96 slices, and 504 others left out: --subjects and --slices choose" ]
	hmm-show -q --png sheet.png all.hmm 2>said
	[ ! -s said ]
	planes sheet.png
	[ "$shape" = "(1,$((4 + 12 * 46)),$((4 + 2 * 46 + 6 * 52)))" ] # as wide as "slice 7" and "slice 37"
	for s in 1 12; do # slices 2, 7, ... 37
		hmm-show --png some.png --subjects "s$s" --slices 2,7,12,17,22,27,32,37 all.hmm 2>said
		[ ! -s said ]
		planes sheet.png
		window 0 $((14 + 46 * (s - 1))) 0 28 "$width" >have
		planes some.png
		window 0 14 0 28 "$width" | is have
	done
	# of pictures without number, or with the number 0, as many
	head -c 12 /dev/urandom >bytes && { printf 'P5\n4 3\n255\n' && cat bytes; } >p.pnm
	for i in $(seq 11); do stream b 40=p.pnm; done >slide.hmm
	hmm-show --png sheet.png slide.hmm 2>said
	grep -q ': 8 slices, and 3 others left out' said
	hmm-show --png sheet.png --slices 0 slide.hmm 2>said
	[ ! -s said ]
	planes sheet.png
	[ "$width" = $((4 + 11 * 46)) ]
}

@test "hmm-show: --png writes names of any kind within the sheet" {
	noise a 3 300 1
	stream abc x=a.pnm | hmm-show --png plain.png
	long=$(printf 'x%.0s' {1..255})
	planes plain.png
	plain=$shape
	for name in 'a?c' $'a\x1bc' $'a\xffc' $'a\xc3\xa9c' $'a\xe2\x82\xacc' $'a\x7fc' $'a\nc'; do
		stream "$name" x=a.pnm | hmm-show --png "have.png"
		[ -e want.png ] || cp have.png want.png # all of them are a?c
		cmp want.png have.png
	done
	stream "$long" "$long=a.pnm" | hmm-show --png long.png
	planes long.png
	[ "$shape" = "$plain" ]
	window 0 34 4 3 300 | is a
	window 0 0 $((width - 4)) "$height" 4 | same_everywhere 255
	for top in 4 14; do # both end in two dots
		window 0 "$top" $((4 + 6 * 48)) 6 12 | same_everywhere 255
		[ "$(window 0 $((top + 6)) $((4 + 6 * 48)) 1 12 | od -An -v -tu1 | xargs)" = "255 255 0 255 255 255 255 255 0 255 255 255" ]
		window 0 "$top" $((4 + 6 * 47)) 6 6 | od -An -v -tu1 -w1 | grep -qx ' *0'
	done
	# every printable letter has a shape of its own
	printf -v all "$(printf '\\x%02x' {33..126})"
	noise b 1 600 1
	stream "$all" x=b.pnm | hmm-show --png letters.png
	planes letters.png
	window 0 4 0 7 600 >line
	for i in {0..93}; do
		for y in {0..6}; do tail -c "+$((y * 600 + 4 + 6 * i + 1))" line | head -c 5; done | od -An -v -tx1 | tr -d ' \n'
		echo
	done >letters
	[ "$(sort -u letters | wc -l)" = 94 ]
	! grep -qx 'f*' letters || return 1
}

@test "hmm-show: --png of slices that say they are few of very many wants --slices" {
	tiny_study
	mkdir npy
	hmm-slice -q --stamp --manifest manifest.tsv | hmm-show --npy npy | awk -F'\t' -v OFS='\t' '/^#/ { next }
		++n == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		n > 1 { $at["count"] = 100000 } { print }' | hmm-show --from-npy slices --name many >many.hmm
	refuse 1 'many.hmm: no slice in the middle of 8 equal parts .*: want --slices' hmm-show --png x.png many.hmm
	hmm-show --png x.png --slices 0 many.hmm
}

@test "hmm-show: a number of the wrong kind is told as what it is" {
	tiny_study
	hmm-slice -q --stamp --manifest manifest.tsv >slices.hmm
	LC_ALL=C sed 's/label[\x00\x01]/label\xff/' slices.hmm >wrong.hmm
	refuse 1 'label is no string and no number from 0' hmm-show wrong.hmm
	LC_ALL=C sed 's/index[\x00\x01]/index\xca/' slices.hmm >wrong.hmm
	refuse 1 'index is a number with a fraction, want a whole number from 0' hmm-show wrong.hmm
}

@test "hmm-show: --png refuses what is no slices or too much, and leaves no file" {
	noise a 12 60 1
	stream s1 T1w=a.pnm >s1.hmm
	hmm-weights --random vgg11 --width 0.02 -s 1 -o vgg.safetensors
	hmm-slice -q --subject s PET=a.pnm | hmm-vgg -q -w vgg.safetensors >features.hmm
	refuse 1 'found a stream of features, want slices' hmm-show --png no.png features.hmm
	refuse 1 'vgg.safetensors: .*not a stream' hmm-show --png no.png vgg.safetensors
	refuse 1 'no/such.png: cannot create' hmm-show --png no/such.png s1.hmm
	head -c -9 s1.hmm >cut.hmm
	refuse 1 'ends early' hmm-show --png no.png cut.hmm
	refuse 1 'No space left' hmm-show --png /dev/full s1.hmm
	hmm-weights --random vgg11 --width 0.05 -o random
	{ printf 'P5\n128 128\n255\n'; tail -c 16384 random; } >grain.pgm # larger than what is written at a time
	hmm-slice -q --resize 0 --crop 0 T1w=grain.pgm >grain.hmm
	refuse 1 '/dev/full: cannot write: No space left' hmm-show --png /dev/full grain.hmm
	{ printf 'P5\n6000 6000\n255\n' && head -c 36000000 /dev/zero; } >large.pnm
	stream s1 a=large.pnm b=large.pnm >large.hmm
	refuse 1 '1 pictures and one more for a sheet, want at most 4096 and 67108864 pixels' hmm-show --png no.png large.hmm
	{ printf 'P5\n1000 60000\n255\n' && head -c 60000000 /dev/zero; } >large.pnm
	{ stream s1 a=large.pnm && stream s1 b=a.pnm && stream s2 c=a.pnm; } >large.hmm
	refuse 1 'a sheet of 3 pictures would have .* pixels, want at most 67108864' hmm-show --png no.png large.hmm
	[ -z "$(find . -name 'no*')" ]
}
