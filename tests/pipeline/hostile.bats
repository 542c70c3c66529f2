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

# The cell as it may stand in a table: one that blanks or a quote would change is quoted.
quoted() {
	case $1 in
	[\"\ \#]* | *\ ) printf '"%s"' "${1//\"/\"\"}" ;;
	*) printf '%s' "$1" ;;
	esac
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
	[ -z "$found" ]
	[ ! -e /abs ]
}

# Twenty subjects, named by words, each with a picture of each modality, also words: rows of a table.
pictures() { # COUNT of modalities
	local i modality folder subject name
	mkdir -p base study
	for i in {0..19}; do
		{ printf 'P5 32 32 255\n'; yes "$i picture $((i * i))" | tr -d '\n' | head -c 1024; } >"base/$i.pgm"
	done
	for ((modality = 0; modality < $1; modality++)); do
		[[ ${words[modality]} != $'\xff\xfe' ]] || continue # which no model can name
		folder=${words[modality]//\//_}
		[ "$folder" != . ] || folder=dot
		cp -rl base "study/$folder"
		folder=${cells[modality]//\//_}
		[ "$folder" != . ] || folder=dot
		name=$(quoted "${cells[modality]}")
		for i in {0..19}; do
			printf '%s\t%s\t%s\tn/a\tn/a\tstudy/%s/%s.pgm\n' "${cells[i]}" "$name" $((i % 2)) "$folder" $i
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
			cell=$(quoted "$cell")
			case $of in *\ ) of="\"uni-cnn:$of\"" ;; *) of=uni-cnn:$of ;; esac
			printf '%s\t-\t%s\t%s\n' "$cell" "$cell" "$of"
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
	for table in table index systems; do hmm-table --plain $table.tsv >$table.plain; done
	for column in 1 2; do
		awk -F'\t' -v at=$column 'NR > 1 && $3 == "auc" && $1 == $2 { print $at }' table.plain | sort | diff names -
		awk -F'\t' -v at=$column 'NR > 1 && $1 == $2 { print $at }' index.plain | sort | diff names -
	done
	awk -F'\t' 'NR > 1 && $1 == $3 { print $1 }' systems.plain | sort | diff names -
	[ "$(awk -F'\t' 'NF != 15' table.tsv | wc -l)" = 0 ]
	# what a modality's cell has learned from is that modality
	for cell in "${cells[@]:0:3}" 'a\tb' 'a\nb'; do
		folder=$(WANTED=$cell awk -F'\t' 'BEGIN { w = ENVIRON["WANTED"] } $1 == w "" && $3 == w "" { print $5; exit }' systems.plain)
		[ "$(hmm-table --plain "$folder/1/predictions.tsv" | cut -f 7 | sort -u | grep -vxF modalities)" = "$cell" ]
	done
	# what is not UTF-8 is refused as a modality, in a line
	sed '2s/\t[^\t]*/\t\xff\xfe/' "$(dirname "$folder")/1.tsv" >../refused.tsv
	refuse 1 'modality .*UTF-8' cell -c ../cache -o ../refused --system uni-cnn:x ../refused.tsv
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
	pairs=()
	for word in "${words[@]}"; do
		[ "$word" = $'\xff\xfe' ] || [ "$word" = complete ] || pairs+=("$word, $word")
	done
	has_words table.svg "${pairs[@]}" complete
	{
		printf 'series\trate\tvalue\tlow\thigh\tn\n'
		for cell in "${cells[@]}"; do
			cell=$(quoted "$cell")
			printf '%s\t0\t0.5\t0.4\t0.6\t9\n%s\t0.5\t0.4\tn/a\tn/a\t9\n' "$cell" "$cell"
		done
	} >sweep.tsv
	figure sweep sweep.tsv -o sweep
	has_words sweep.svg "${words[@]}"
	nothing_happened
}

@test "hostile environment: nothing that somebody has exported changes a byte" {
	tiny_study
	printf 'scenario\tdrop\tsystem\tmodel\nall\t-\tHyperMM\thypermm\n50 %% MRI\tT1w:0.5\tHyperMM\thypermm\n' >systems
	everything() { # DIR
		hypermm run -w vgg.safetensors -o "$1/run" -c "$1/cache" -j 2 --condition '--epochs 1' --rho '--epochs 1' manifest.tsv
		hypermm table -w vgg.safetensors -o "$1/table" -c "$1/cache" --systems systems -j 2 --repeats 1 --ratio 4:4:4 \
			--no-check --condition '--epochs 1' --rho '--epochs 1' manifest.tsv
		hypermm summary "$1/run/metrics.tsv" >"$1/summary"
	}
	mkdir plain odd home home/.parallel elsewhere 'a temporary folder;$(touch pwned)'
	HOME=$PWD/home everything plain
	echo 'echo pwned; touch pwned; exit 3' >start
	echo --tag >home/.parallel/config
	echo 'set label "pwned" at graph .5, graph .5' >home/.gnuplot
	mkdir -p elsewhere/odd elsewhere/out
	functions=()
	for program in awk sed grep sort cat head wc tr cut mktemp mv rm cmp readlink sha256sum make gnuplot parallel hmm-score cd printf; do
		functions+=("BASH_FUNC_$program%%=() { command touch '$PWD/pwned'; echo pwned; }")
	done
	env HOME="$PWD/home" CDPATH="$PWD/elsewhere" LC_ALL=de_DE.UTF-8 LANG=tr_TR.UTF-8 TMPDIR="$PWD/a temporary folder;\$(touch pwned)" \
		IFS=0123456789/ BASH_ENV="$PWD/start" ENV="$PWD/start" POSIXLY_CORRECT=1 GREP_OPTIONS=-v GREP_COLORS=mt=1 GLOBIGNORE='*' \
		SHELLOPTS=noclobber:noglob:noexec BASHOPTS=nocasematch:failglob:nullglob BASH_COMPAT=3.1 TMOUT=1 EXECIGNORE='*sort' \
		MAKEFLAGS='n -- RUN=true SHELL=/bin/false' MAKEFILES="$PWD/start" GNUMAKEFLAGS=-n MFLAGS=-n MAKELEVEL=7 SHELL=/bin/false \
		PARALLEL='--tag --keep-order' OLDPWD="$PWD/elsewhere" TERM=vt100 COLUMNS=3 GNUTERM=dumb BLOCK_SIZE=1M QUOTING_STYLE=c \
		failed=yes status=3 option=x operand=y at=z row=9 reason=none words=-n title=pwned work=/ temporary=odd \
		AWKPATH=/ WHINY_USERS=1 _POSIX2_VERSION=199209 TABSIZE=3 "${functions[@]}" \
		bash --norc -pc "$(declare -f everything); everything odd"
	rm {plain,odd}/table/setting/{cache,folder} {plain,odd}/table/setting/*.log {plain,odd}/run/seconds
	find plain odd -name seconds -delete -o -name seconds.tsv -delete
	sed -i 's/[0-9]* s |$/s |/' {plain,odd}/table/table.md
	sed -i 's/[0-9]* s \\\\$/s/' {plain,odd}/table/table.tex
	diff -rx journal.tsv -x command plain odd
	nothing_happened
	[ "$(ls -A elsewhere/odd elsewhere/out 'a temporary folder;$(touch pwned)' | wc -l)" = 5 ]
}

@test "hostile words: as the folder of the tree and of everything else, through every other script" {
	read_words
	deep_folder no-colon
	tree=$deep
	mkdir "$tree/bin"
	cp -r "$root/pipelines" "$tree"
	ln -s "$(dirname "$(command -v hmm-score)")"/hmm-* "$tree/bin"
	unset HMM_BIN
	PATH=${PATH#*:}
	PATH=${PATH#*:}
	hypermm() { "$tree/pipelines/hypermm" "$@"; }
	deep_folder
	cd "$deep"
	[ "$(hypermm --help | grep -c '^  ')" -ge 30 ]
	hypermm weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hypermm phantom -o bids --subjects 12 --size 16 --slices 3 --missing 0.4 -s 3
	hypermm manifest --bids bids --label diagnosis --positive AD >labelled.tsv
	hypermm split --ratio 4:4:4 -s 1 labelled.tsv >manifest.tsv

	hypermm run -w vgg.safetensors -o run -j 2 --condition '--epochs 1' --rho '--epochs 1' manifest.tsv
	hypermm summary run/metrics.tsv | grep -q '^auc '
	hypermm extract -w vgg.safetensors -c run/cache --names manifest.tsv | cmp - run/features.tsv
	hypermm cell -c run/cache -o cell --system hypermm --models run run/features.tsv
	cmp cell/predictions.tsv run/predictions.tsv
	hypermm sanity --quick -o sanity | tail -n +2 | cut -f 8 | sort -u | grep -qx ok
	DATA=bids WEIGHTS=vgg.safetensors hypermm table1 table1 --dry-run --no-check --slice '--resize 32 --crop 32' --repeats 1 >todo
	[ "$(grep -c 'step" cell ' todo)" = 29 ]
	mkdir slices
	printf 'Patient,Slice,label\n' >slices/slices.csv
	for patient in {0..9}; do
		printf 'P%d,1,%d\n' $patient $((patient % 2)) >>slices/slices.csv
		mkdir slices/P$patient
		{ printf 'P5 32 32 255\n'; yes "$patient" | tr -d '\n' | head -c 1024; } >slices/P$patient/P${patient}_001_T1.png
	done
	hypermm lgg-slices slices vgg.safetensors lgg >said 2>&1 || true
	[ "$(wc -l <lgg/manifest.tsv)" = 11 ]
	# names that begin with a dash are files
	mkdir -- -n
	hypermm run --weights=vgg.safetensors -o -n/-o -c -n/-c --condition '--epochs 1' --rho '--epochs 1' -- manifest.tsv
	cp manifest.tsv ./-m
	hypermm extract -w vgg.safetensors -c -n/-c -- -m | cmp - run/features.tsv
	hypermm cell -c -n/-c -o - --models run --system hypermm -- run/features.tsv
	cmp ./-/predictions.tsv run/predictions.tsv
	nothing_happened
	[ ! -e said/pwned ]
	# a name that ends in a newline is not the one without it
	hypermm extract -w vgg.safetensors -c $'kept\n' manifest.tsv | cmp - run/features.tsv
	printf 'scenario\tsystem\tmodel\nall\tHyperMM\thypermm\n' >systems
	hypermm table -w vgg.safetensors -o $'table\n' -c $'kept\n' --systems systems --repeats 1 --ratio 4:4:4 --no-check \
		--no-figures --condition '--epochs 1' --rho '--epochs 1' manifest.tsv
	[ -s $'table\n/table.tsv' ]
	[ ! -e kept ]
	[ ! -e table ]
	mkdir demo $'demo\n' fake
	echo demo | tee demo/.hypermm $'demo\n/.hypermm' >demo/mine
	ln -s "$tree"/bin/hmm-* fake
	ln -sf "$(type -P false)" fake/hmm-phantom
	! HMM_BIN=$PWD/fake hypermm demo $'demo\n' || return 1
	[ -s demo/mine ]
}

@test "hostile words: as modality through sweep, and as split, run and label through the programs" {
	read_words
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	{ printf 'subject\tmodality\tlabel\tgroup\tsplit\tpath\n'; pictures ${#words[@]}; } >all.tsv
	# sweep trains each: those whose signs mean most
	printf '%s\n' '$(touch pwned)' '*' '[!a]' '\\n' 'a\nb' 'trail  ' '../../x' '-n' 'a:b' 'a,b' >few
	while IFS= read -r cell; do quoted "$cell"; echo; done <few >wanted
	{ head -n 1 all.tsv; awk -F'\t' 'NR == FNR { wanted[$0]; next } $2 in wanted' wanted all.tsv; } | hmm-split --ratio 10:4:6 -s 1 >some.tsv
	extract -w vgg.safetensors -c cache --slice '--resize 32 --crop 32' some.tsv >features.tsv
	mkdir inner
	cd inner
	sweep -o out -c ../cache -n 1 --step 0.9 -j 2 --condition '--epochs 1' --rho '--epochs 1' ../features.tsv >sweep.tsv
	cd ..
	[ "$(awk 'END { print NR }' inner/sweep.tsv)" = 41 ]
	{ sed 's/$/ missing everywhere/' few; sed 's/$/ missing in test/' few; } | sort | diff - <(hmm-table --plain inner/sweep.tsv | tail -n +2 | cut -f 1 | sort -u)
	[ "$(ls -A inner)" = $'out\nsweep.tsv' ]
	[ "$(ls inner/out/manifests inner/out/cells | grep -cvxE '[A-Za-z0-9-]+|.*:|')" = 0 ]
	# each lost what it is named by, and nothing else
	for folder in inner/out/manifests/*-everywhere-*; do
		comm -23 <(hmm-table --plain features.tsv | tail -n +2 | sort) \
			<(hmm-table --plain "$folder/1.tsv" | tail -n +2 | sort) | cut -f 2 | sort -u >>lost
		[ "$(comm -23 <(sort features.tsv) <(sort "$folder/1.tsv") | wc -l)" -lt 20 ]
	done
	sort few | diff - <(sort lost)

	# a split and a run of each name, and the curve of one
	printf 'subject\tsplit\tlabel\tprobability\n' >predictions.tsv
	for cell in "${cells[@]}"; do
		cell=$(quoted "$cell")
		printf '%s\t%s\t%d\t0.%d\n' a "$cell" 0 3 b "$cell" 1 6 >>predictions.tsv
	done
	hmm-score --bootstrap 0 predictions.tsv >scores.tsv
	# some of these words say that there is no split
	none='NA|null|nan|\.'
	hmm-table --plain scores.tsv | awk -F'\t' '$2 == "auc" && $3 == 1 { print $1 }' | grep -vxE 'n/a' | sort |
		diff <(printf '%s\n' "${cells[@]}" | grep -avxE "$none" | sort) -
	for i in "${!words[@]}"; do
		if [[ ${words[i]} =~ ^($none)$ ]]; then
			refuse 1 "no row of split '${words[i]}'" hmm-score --bootstrap 0 --split "${words[i]}" predictions.tsv
			continue
		fi
		hmm-score --bootstrap 0 --split "${words[i]}" predictions.tsv >split
		hmm-table --plain split | tail -n +2 | cut -f 1 | uniq >name
		printf '%s\n' "${cells[i]}" | cmp - name
	done
	# the label that means 1
	printf 'subject\tlabel\n' >labels.tsv
	mkdir pictures
	for i in "${!words[@]}"; do
		cp base/1.pgm "pictures/s${i}_x.png"
		printf 's%d\t%s\n' $i "$(quoted "${cells[i]}")" >>labels.tsv
	done
	for i in "${!words[@]}"; do
		hmm-manifest -q --folder pictures --pattern '{subject}_{modality}.png' --labels labels.tsv --positive "\"${words[i]//\"/\"\"}\"" >labelled.tsv 2>refused ||
			{ [ "$(wc -l <refused)" = 1 ] && continue; }
		[ "$(awk -F'\t' '$3 == 1 { print $1 }' labelled.tsv)" = s$i ]
	done
	nothing_happened
}

@test "hostile: tables write what would control a terminal escaped, and keep it so when they are read back" {
	for i in 1 2 3 4; do printf 's%d\x1b[31m\x7f\xc2\x9b\tT1w\t%d\t"\x01a\\\\x1b"\n' $i $((i % 2)); done |
		cat <(printf 'subject\tmodality\tlabel\tpa\x07th\n') - >in.tsv
	hmm-split --ratio 1:1 -s 1 in.tsv >once.tsv
	[ "$(LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177]')" once.tsv)" = 0 ]
	head -n 1 once.tsv | grep -qF 'pa\x07th'
	grep -cF 's1\x1b[31m\x7f\xc2\x9b	T1w	1	\x01a\\x1b' once.tsv | grep -qx 1
	hmm-split --ratio 1:1 -s 1 once.tsv | cmp - once.tsv
	hmm-drop -q --modality T1w --rate 0 once.tsv | cmp - once.tsv
}
