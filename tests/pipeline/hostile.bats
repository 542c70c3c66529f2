load helper
bats_require_minimum_version 1.5.0

# Names that somebody will have given to a modality, a system, a scenario, a label or a folder, as
# cells of a table: cells[], and as they are: words[]. What holds code makes a file `pwned`.
read_words() {
	local cell
	mapfile -t cells <"$BATS_TEST_DIRNAME/hostile-words.txt"
	words=()
	for cell in "${cells[@]}"; do
		cell=${cell//\\\\/$'\001'} cell=${cell//\\t/$'\t'} cell=${cell//\\n/$'\n'} cell=${cell//\\r/$'\r'}
		words+=("${cell//$'\001'/\\}")
	done
}

# A folder below one for each word, into $deep: with "_" for "/", and for ":" where $1 says so.
deep_folder() {
	local word
	deep=$BATS_TEST_TMPDIR
	for word in "${words[@]}"; do
		word=${word//\//_}
		[ -z "${1-}" ] || word=${word//:/_}
		[ "$word" = . ] || deep+=/$word
	done
	mkdir -p "$deep"
}

# Nothing was run, and nothing was written elsewhere.
nothing_happened() {
	local found
	found=$(find "$BATS_TEST_TMPDIR" -type f -name 'pwned*')
	[ -z "$found" ] || { echo "$found"; return 1; }
	found=$(find "$BATS_TEST_TMPDIR/.." "$BATS_TEST_TMPDIR/../.." -maxdepth 1 -name 'x*')
	[ -z "$found" ] && [ ! -e /abs ]
}

# Twenty subjects, named by words, each with a picture of each modality, also words: rows of a table.
pictures() { # COUNT of modalities
	local i modality folder
	mkdir -p base study
	for i in {0..19}; do
		{ printf 'P5 32 32 255\n'; yes "$i picture $((i * i))" | tr -d '\n' | head -c 1024; } >"base/$i.pgm"
	done
	for ((modality = 0; modality < $1; modality++)); do
		folder=${words[modality]//\//_}
		[ "$folder" != . ] || folder=dot
		cp -rl base "study/$folder"
		folder=${cells[modality]//\//_}
		[ "$folder" != . ] || folder=dot
		for i in {0..19}; do
			printf '%s\t%s\t%s\tn/a\tn/a\tstudy/%s/%s.pgm\n' "${cells[i]}" "${cells[modality]}" $((i % 2)) "$folder" $i
		done
	done
}

# The figure's SVG has each of these as a text of its own, as far as it can be seen.
has_words() { # SVG WORD...
	local word
	if command -v xmllint >/dev/null; then xmllint --noout "$1"; fi
	sed -n 's/^.*<text[^>]*>\(.*\)<\/text>$/\1/p' "$1" | sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' >texts
	for word in "${@:2}"; do
		word=${word//[[:cntrl:]]/ }
		[ "$word" != $'\xff\xfe' ] || word='?'
		grep -qxF -e "$word" texts || { echo "no '$word' in $1"; return 1; }
	done
}

@test "hostile words: as modality, system, scenario, subject and folder, through table and its outputs" {
	read_words
	[ "${#words[@]}" -ge 60 ]
	deep_folder
	cd "$deep"
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	{ printf 'subject\tmodality\tlabel\tgroup\tsplit\tpath\n'; pictures ${#words[@]}; } >manifest.tsv
	{
		printf 'scenario\tdrop\tsystem\tmodel\n'
		for cell in "${cells[@]}"; do
			# a model's file cannot name what is not UTF-8
			of=$(printf '%s' "$cell" | iconv -f UTF-8 -t UTF-8 2>/dev/null) || of=$cells
			printf '%s\t-\t%s\tuni-cnn:%s\n' "$cell" "$cell" "$of"
		done
		printf '%s\t-\t%s\tuni-cnn:%s\n' '50 - MRI' '$(touch pwned)' '50 - MRI'
	} >systems
	mkdir temporary
	TMPDIR=$deep/temporary table -w vgg.safetensors -o out -c cache --systems systems --repeats 1 --ratio 2:1:1 \
		--reference '$(touch pwned)' --note '`touch pwned` $(touch pwned) & | \input{x}' --slice '--resize 32 --crop 32' \
		--no-figures --no-check --joint '--epochs 1' manifest.tsv 2>said || { cat said; false; }
	nothing_happened
	[ -z "$(ls temporary)" ]

	cd out
	# each in a folder of its own, of plain signs, and each its own name in every table
	[ "$(ls cells | grep -cxE '[A-Za-z0-9-]+')" = ${#words[@]} ]
	[ "$(ls -A cells | wc -l)" = ${#words[@]} ]
	printf '%s\n' "${cells[@]}" | sort >names
	[ "$(sort -u names | wc -l)" = ${#words[@]} ]
	for column in 1 2; do
		awk -F'\t' -v at=$column 'NR > 1 && $3 == "auc" && $1 == $2 { print $at }' table.tsv | sort | diff names -
		awk -F'\t' -v at=$column 'NR > 1 && $1 == $2 { print $at }' index.tsv | sort | diff names -
	done
	awk -F'\t' 'NR > 1 && $1 == $3 { print $1 }' systems.tsv | sort | diff names -
	[ "$(awk -F'\t' 'NF != 15' table.tsv | wc -l)" = 0 ]
	# what a modality's cell has learned from is that modality
	for cell in "${cells[@]:0:3}" 'a\tb' 'a\nb'; do
		folder=$(WANTED=$cell awk -F'\t' 'BEGIN { w = ENVIRON["WANTED"] } $1 == w "" && $3 == w "" { print $5; exit }' systems.tsv)
		[ "$(cut -f 7 "$folder/1/predictions.tsv" | sort -u | grep -vxF modalities)" = "$cell" ]
	done
	# the reference that is named is the one
	[ "$(awk -F'\t' '$1 == "50 - MRI" && $2 == "50 - MRI" && $3 == "acc" { print $12 }' table.tsv)" = 1.0000 ]

	# Markdown: as many cells in every row, no HTML, no code
	grep '^|' table.md >rows
	[ "$(wc -l <rows)" = $((${#words[@]} + 3)) ]
	[ "$(sed 's/\\[|]//g' rows | tr -cd '|\n' | sort -u)" = '|||||||||||||' ]
	[ -z "$(sed 's/\\[\\`<*]//g' table.md | grep '[`*]\|<[a-z/!?]' || true)" ]
	# LaTeX: as many cells, and of commands those that stand for a sign
	sed -n '/^scenario &/,/^.hline/p' table.tex | grep ' & ' >rows
	[ "$(wc -l <rows)" = $((${#words[@]} + 2)) ]
	[ "$(sed 's/\\&//g' rows | tr -cd '&\n' | sort -u)" = '&&&&&&&&&&&' ]
	[ -z "$(sed 's/\\\\$//; s/ \\\\ \\hline$//; s/\\\(textbackslash\|textasciicircum\){}//g; s/\$\\\(sim\|pm\)\$//g; s/\\[{}&%$#_ ]//g' rows | grep '[\\#%]' || true)" ]
	# nothing that a terminal obeys, but in the table for programs
	for file in table.md table.tex; do [ -z "$(tr -d '\n' <$file | LC_ALL=C grep $'[\001-\037\177]\|\302[\200-\237]' || true)" ]; done

	# in figures
	cd ..
	curves=()
	cell=$(echo out/cells/50-MRI-*/50-MRI-*/1/predictions.tsv | cut -d ' ' -f 1)
	hmm-score -q --curve roc --split test --bootstrap 10 "$cell" >roc.tsv
	for word in "${words[@]}"; do curves+=("$word=roc.tsv"); done
	figure roc -o roc --title "${words[5]} ${words[25]}" -- "${curves[@]}"
	has_words roc.svg "${words[@]}" "${words[5]} ${words[25]}"
	figure table out/table.tsv -o table --metric acc
	has_words table.svg "${words[@]}"
	{
		printf 'series\trate\tvalue\tlow\thigh\tn\n'
		for cell in "${cells[@]}"; do printf '%s\t0\t0.5\t0.4\t0.6\t9\n%s\t0.5\t0.4\tn/a\tn/a\t9\n' "$cell" "$cell"; done
	} >sweep.tsv
	figure sweep sweep.tsv -o sweep
	has_words sweep.svg "${words[@]}"
	nothing_happened
}
