load helper

table() {
	printf '%b\n' "$@"
}

# Scores of 2 runs of two systems, one of them with one class, their tests, and the index of both.
scores() {
	table 'split\tmetric\tvalue\tlow\thigh\tn\truns\tsd' 'val\tauc\t0.1\t0.1\t0.1\t9\t2\t0.1' \
		'test\tacc\t0.5\t0.25\t0.75\t20\t2\t0.125' 'test\tauc\t0.7123456\t0.6\t0.8\t20\t2\t0.01499' \
		'test\tauc_hard\t0.6\t0.5\t0.7\t20\t2\t0' 'test\tf1\t0.1\t0\t0.2\t20\t2\tn/a' \
		'test\tprecision\t0\t0\t0\t20\t2\t0' 'test\trecall\t1\t1\t1\t20\t2\t0' 'test\tbrier\t0.2\t0.1\t0.3\t20\t2\t0' >ours
	sed 's/\(auc\t\|auc_hard\t\)[0-9.]*\t[0-9.]*\t[0-9.]*\t20\t2\t[0-9.]*/\1n\/a\tn\/a\tn\/a\t20\t2\tn\/a/' ours >theirs
	table 'system\tmetric\tn\tvalue\tother\tdifference\tlow\thigh\ttest\tp\tp_holm' \
		'theirs.tsv\tacc\t20\t0.5\t0.5\t0\t0\t0\tbootstrap\t1\t1' 'theirs.tsv\tf1\t20\t0.1\t0.4\t-0.3\t0\t0\tbootstrap\t0.001\t0.006' >tests
	table 'seconds' 1 2.5 >seconds
	table 'scenario\tsystem\tscores\ttests\tpredictions\tseconds' 'complete\tHyperMM\tours\ttests\tours.tsv\tseconds' \
		"complete\t${1:-Other}\ttheirs\ttests\ttheirs.tsv\tn/a" >index
}

@test "hmm-table: a pipe that the index names is not waited for" {
	for cell in ours tests seconds; do
		scores
		rm "$cell"
		mkfifo "$cell"
		refuse 1 "$cell: not a regular file but a pipe" timeout 10 hmm-table index
		rm "$cell"
	done
}

@test "hmm-table: a known answer" {
	scores
	table 'table\tscenario\tsystem\tmetric\tmean\tsd' '1\tcomplete\tHyperMM\tauc\t0.73\t0.02' \
		'1\tcomplete\tHyperMM\ttime\t< 1 h\tn/a' '2\tcomplete\tOther\tacc\t0.1\t0.1' '1\tgone\tGAN\tacc\t0.9\tn/a' >published
	hmm-table --published published --of 1 index >have
	[ "$(wc -l <have)" = 13 ]
	[ "$(sed -n 3p have)" = "$(table 'complete\tHyperMM\tauc\t0.7123\t0.0150\t0.6000\t0.8000\t2\t20\tn/a\tn/a\tn/a\tn/a\t0.73\t0.02')" ]
	[ "$(sed -n 7p have | cut -f 3,4,14)" = "$(table 'auc_hard\t0.6000\t0.73')" ]
	[ "$(sed -n 8p have)" = "$(table 'complete\tOther\tacc\t0.5000\t0.1250\t0.2500\t0.7500\t2\t20\t0.0000\t1.0000\t1.0000\tyes\tn/a\tn/a')" ]
	[ "$(sed -n 9p have)" = "$(table 'complete\tOther\tauc\tn/a\tn/a\tn/a\tn/a\t2\t20\tn/a\tn/a\tn/a\tn/a\tn/a\tn/a')" ]
	[ "$(sed -n 10p have | cut -f 10-13)" = "$(table '-0.3000\t0.0010\t0.0060\tno')" ]
	hmm-table --format markdown --note 'Data: x.' --published published index >table.md
	[ "$(head -n 1 table.md)" = 'Data: x.' ]
	grep -qF '| complete | HyperMM | ours | 0.50 ± 0.12 [0.25, 0.75] | 0.71 ± 0.01 [0.60, 0.80] | 0.10 [0.00, 0.20] | ' table.md
	grep -qF ' | 2 / 20 | 2 s |' table.md
	grep -qF '|  |  | paper |  | 0.73 ± 0.02 |' table.md
	grep -qF '| < 1 h |' table.md
	grep -qF '| complete | Other | ours | 0.50 ± 0.12 [0.25, 0.75] \~ | n/a | ' table.md
	grep -qF '| gone | GAN | ours | not run | not run |' table.md
	grep -qF '|  |  | paper | 0.90 |' table.md
	hmm-table --format latex index >table.tex
	grep -qF 'complete & HyperMM & ours & 0.50 $\pm$ 0.12 [0.25, 0.75] & ' table.tex
	grep -qF 'Other & ours & 0.50 $\pm$ 0.12 [0.25, 0.75] $\sim$ & n/a &' table.tex
}

@test "hmm-table: a test that could not have shown anything is not inside the noise" {
	scores
	awk -F '\t' -v OFS='\t' '{ print $0, NR == 1 ? "p_holm_least" : $2 == "acc" ? .08 : .006 }' tests >t
	mv t tests
	hmm-table index >have
	[ "$(sed -n 8p have | cut -f 3,12,13)" = "$(table 'acc\t1.0000\tn/a')" ]
	[ "$(sed -n 10p have | cut -f 12,13)" = "$(table '0.0060\tno')" ]
	hmm-table --format markdown index >table.md
	grep -qF '| complete | Other | ours | 0.50 ± 0.12 [0.25, 0.75] ? | n/a | ' table.md
}

@test "hmm-table: names never become markup" {
	scores '[a](b) | <b>\\\\x</b> \\\\input{x} 50 % $x$ #1 a_b _c_ *d* ~ ^ & &amp; `e`\\tf\\ng'
	hmm-table index >have
	[ "$(awk -F'\t' 'NF != 15' have | wc -l)" = 0 ]
	cut -f 2 have | grep -qF '[a](b) | <b>\\x</b>'
	sed 's/HyperMM/a|b/' index >other
	hmm-table --format markdown --note $'# <i>\n| & \\' --reference 'a|b' other >table.md
	grep -qF '| complete | [a\](b) \| \<b>\\x\</b> \\input{x} 50 % $x$ #1 a_b \_c\_ \*d\* \~ ^ & \&amp; \`e\` f g | ours |' table.md
	[ "$(sed -n 1,2p table.md)" = $'\\# \\<i>\n\\| & \\\\' ]
	grep -qF 'to a\|b is inside' table.md
	hmm-table --format latex --note $'50 %\n\\input{y}' index >table.tex
	grep -qF 'complete & {[}a](b) $|$ $<$b$>$\textbackslash{}x$<$/b$>$ \textbackslash{}input\{x\} 50 \% \$x\$ \#1 a\_b \_c\_ *d* $\sim$ \textasciicircum{} \& \&amp; `e` f g & ours' table.tex
	[ "$(sed -n 1,2p table.tex)" = $'% 50 %\n% \\input{y}' ]
	[ "$(grep -c '^50 \\%$' table.tex)" = 1 ]
	sed -i 's/^complete/*[\x1b/' index
	hmm-table --format latex index | grep -qF '{*}[  & '
	hmm-table --format markdown index | grep -qF '| \*[  | '
}

@test "hmm-table: blanks and dashes of a name stay what they are" {
	scores ' a  b--c \x27\x27d\x27\x27 ?`'
	# as the reader of tables has it, which may take the blanks around a cell away
	name=$(hmm-table --plain index | tail -n 1 | cut -f 2)
	hmm-table --format markdown index >table.md
	hmm-table --format latex index >table.tex
	grep -qF "a &nbsp;b--c ''d'' ?\\\`" table.md
	grep -qF "a \\ b-{}-c '{}'d'{}' ?{}\`" table.tex
	case $name in ' '*) grep -qF '| &nbsp;a &nbsp;b' table.md && grep -qF '& \ a \ b' table.tex ;; esac
	hmm-table --format markdown --note '    code' index | head -n 1 | grep -qxF '&nbsp;&nbsp;&nbsp;&nbsp;code'
}

@test "hmm-table: what it refuses" {
	scores
	refuse 2 'one index wanted' hmm-table index index
	refuse 2 'goes with --published' hmm-table --of 1 index
	refuse 1 'nowhere: cannot open' hmm-table nowhere
	refuse 1 "ours: no row of split 'train'" hmm-table --split train index
	refuse 1 "no column 'scenario'" hmm-table ours
	sed -i 's/0\.7123456/much/' ours
	refuse 1 "ours: row 3: value 'much', want a number" hmm-table index
	for much in 1e300 -1e16 nan; do
		sed -i "s/much/$much/" ours
		refuse 1 "ours: row 3: value '$much', want a number" hmm-table index
		sed -i "s/$much/much/" ours
	done
	sed -i 's/much/-123456789012345/g' ours
	for format in tsv markdown latex; do hmm-table --format $format index >long; done
	grep -q '123456789012345' long
	rm theirs
	refuse 1 'theirs: cannot open' sh -c 'grep -v HyperMM index | hmm-table'
	[ ! -s refused.out ]
}

@test "hmm-table: what would be taken for something else is refused, with its place" {
	scores
	wrong() { # FILE EXPRESSION PATTERN [OPTION]...: of sed
		cp "$1" kept
		sed -i "$2" "$1"
		refuse 1 "$3" hmm-table "${@:4}" index
		mv kept "$1"
	}
	wrong index '2,$d' 'index: no rows, want a line a system'
	wrong index '$p' "index: rows 2 and 3: system 'Other' in scenario 'complete', want each once"
	wrong ours '3p' "ours: row 4: metric 'acc' stands there twice|ours: row 3: metric 'acc' stands there twice"
	wrong ours '3s/20/-3/' "ours: row 2: n '-3', want a whole number from 1"
	wrong ours '3s/\t2\t/\t1.5\t/' "ours: row 2: runs '1.5', want a whole number from 1"
	wrong ours '3s/0.25/1e16/' "ours: row 2: low '1e16', want a number below 1e15"
	wrong tests 's/theirs.tsv/his.tsv/' "tests: no row of system 'theirs.tsv'"
	wrong tests '1s/p_holm/holm/' "tests: no column 'p_holm'"
	wrong tests '2p' "tests: row 2: metric 'acc' stands there twice"
	wrong seconds '2,$d' 'seconds: no rows, want the seconds of each run'
	wrong seconds 's/2.5/inf/' "seconds: row 2: seconds 'inf', want a number"
	table 'table\tscenario\tsystem\tmetric\tmean\tsd' '1\tcomplete\tHyperMM\tauc\t0.73\t0.02' >published
	wrong published '' "published: no row of table '2'" --published published --of 2
	wrong published 's/0.73/.7x/' "published: row 1: mean '.7x', want a number" --published published
	hmm-table --published published --of 1 index >have
}

@test "hmm-table: --plain is any table as the programs understand it, for scripts" {
	table '# a comment' 'name\ttext' 'a\\tb\tn/a' '\t' '\\\\\\tx\ttnr' '' '  lead\t%d "q"' >odd
	hmm-table --plain odd >plain
	table 'name\ttext' 'a\\tb\tn/a' '\\\\\\tx\ttnr' >want
	head -n 2 want | diff - <(head -n 2 plain)
	grep -qxF "$(tail -n 1 want)" plain
	grep -qF $'\t%d "q"' plain
	hmm-table --plain <odd | diff - plain
	refuse 2 'one table wanted, found 2' hmm-table --plain odd odd
	refuse 1 'line 2: 1 columns, want 2' hmm-table --plain <(table 'a\tb' c)
}
