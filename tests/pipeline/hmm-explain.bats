load helper

# Slides of four magnifications with a few images each, some magnifications missing; small models.
explained() { # [OPTION of hmm-setsum]
	hmm-phantom -o study --kind histology --subjects 12 --size 32 --images 3 -s 3
	hmm-weights --random vgg11 --width 0.03 -s 1 -o vgg.safetensors
	hmm-manifest --breakhis study | hmm-split --ratio 4:4:4 -s 1 |
		awk -F'\t' 'NR == 1 || NR % 5' >manifest.tsv
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv >features.tsv
	hmm-gather -c cache features.tsv >features.hmm
	hmm-condition --train --epochs 2 -o phi.safetensors <features.hmm
	hmm-condition -w phi.safetensors <features.hmm >latents.hmm
	hmm-setsum "$@" <latents.hmm | hmm-rho --train --epochs 4 --hidden 16,8 --learning-rate 1e-2 -o rho.safetensors
	hmm-setsum --subsets all "$@" <latents.hmm | hmm-rho -w rho.safetensors >subsets.tsv
}

# The shares and pairs by their definition, from hmm-rho's predictions of every set.
enumerate='
function factorial(n) { return n < 2 ? 1 : n * factorial(n - 1) }
function value(set,  i, name) {
	for (i = 0; i < d; i++) if (int(set / 2 ^ i) % 2) name = name (name == "" ? "" : "+") mod[i]
	if (name == "") return base
	if (!((subject, name) in logit)) { print "no set " subject " " name; bad = 1; exit 1 }
	return logit[subject, name]
}
function size(set,  n) { for (n = 0; set; set = int(set / 2)) n += set % 2; return n }
function has(set, i) { return int(set / 2 ^ i) % 2 }
FNR == 1 { for (i = 1; i <= NF; i++) at[FILENAME, $i] = i; next }
FILENAME == "subsets.tsv" { logit[$1, $(at[FILENAME, "modalities"])] = $(at[FILENAME, "logit"]); next }
function close_to(a, b) { return (a - b) ^ 2 <= (1e-6 * (1 + (a < 0 ? -a : a))) ^ 2 }
'

@test "hmm-explain: the shares are those of the definition, by hmm-rho's predictions of every set" {
	for reduce in mean sum max; do
		explained --reduce $reduce
		hmm-explain -w rho.safetensors --phi phi.safetensors <latents.hmm >shares.tsv
		awk -F'\t' "$enumerate"'
		{ row[$1] = row[$1] (row[$1] == "" ? "" : "\n") $0 }
		END {
			for (subject in row) {
				d = split(row[subject], line, "\n")
				for (i = 0; i < d; i++) { split(line[i + 1], cell, "\t"); mod[i] = cell[5] }
				base = cell[12]
				sum = 0
				for (i = 0; i < d; i++) {
					split(line[i + 1], cell, "\t")
					phi = 0
					for (set = 0; set < 2 ^ d; set++) if (!has(set, i))
						phi += factorial(size(set)) * factorial(d - size(set) - 1) / factorial(d) * (value(set + 2 ^ i) - value(set))
					if (!close_to(phi, cell[7])) { print subject, mod[i], phi, cell[7]; bad = 1 }
					if (cell[8] != 0 || !close_to(cell[7], cell[9] + cell[10])) { print "parts", line[i + 1]; bad = 1 }
					sum += cell[7]; rows++
				}
				if (!close_to(sum, cell[11] - base) || !close_to(cell[11], value(2 ^ d - 1))) { print "sum", subject; bad = 1 }
			}
			exit bad || rows < 30
		}' subsets.tsv shares.tsv
		# four modalities, several images, and some who lack one
		cut -f1 shares.tsv | sort | uniq -c | awk '{ n[$1]++ } END { exit !(n[4] > 2 && n[3] + n[2] > 0) }'
		cut -f6 shares.tsv | grep -qx '[2-9]'
		rm -rf study cache
	done
}

@test "hmm-explain: pairs by the definition, and gains on validation" {
	explained
	hmm-explain -w rho.safetensors --interactions <latents.hmm >pairs.tsv
	awk -F'\t' "$enumerate"'
		{ pair[$1, $5, $6] = $7; base_of = $9
			if (!(($1, $5) in seen)) { seen[$1, $5]; list[$1] = list[$1] "\t" $5 }
			if (!(($1, $6) in seen)) { seen[$1, $6]; list[$1] = list[$1] "\t" $6 } }
		END {
			base = base_of
			for (subject in list) {
				d = split(substr(list[subject], 2), name, "\t")
				for (i = 0; i < d; i++) mod[i] = name[i + 1]
				for (a = 0; a < d; a++) for (b = a + 1; b < d; b++) {
					sum = 0
					for (set = 0; set < 2 ^ d; set++) if (!has(set, a) && !has(set, b))
						sum += factorial(size(set)) * factorial(d - size(set) - 2) / factorial(d - 1) * \
							(value(set + 2 ^ a + 2 ^ b) - value(set + 2 ^ a) - value(set + 2 ^ b) + value(set))
					if (!close_to(sum, pair[subject, mod[a], mod[b]])) { print subject, mod[a], mod[b], sum; bad = 1 }
					rows++
				}
			}
			exit bad || rows < 30
		}' subsets.tsv pairs.tsv
	hmm-explain -w rho.safetensors --gain <latents.hmm >gain.tsv
	[ "$(head -n 1 gain.tsv)" = "$(printf 'given\tmodality\tn\tgroups\tgain\terror')" ]
	# of each row the mean over the subjects of val, from hmm-rho's predictions; its error over groups
	awk -F'\t' '
		function loss(z, y) { return log(1 + exp(-(z < 0 ? -z : z))) + (z > 0 ? z : 0) - z * y }
		FNR == 1 { next }
		FILENAME == "subsets.tsv" { if ($3 == "val") { z[$1, $7] = $5; y[$1] = $4; group[$1] = $2 } next }
		$1 == "n/a" { next }
		{
			k = split($1 "+" $2, name, "+"); m = ""
			for (i = 1; i <= k; i++) for (j = i + 1; j <= k; j++) if (name[j] < name[i]) { t = name[i]; name[i] = name[j]; name[j] = t }
			for (i = 1; i <= k; i++) m = m (i > 1 ? "+" : "") name[i]
			n = sum = 0; split("", of)
			for (s in y) if ((s, m) in z) { n++; v[s] = loss(z[s, $1], y[s]) - loss(z[s, m], y[s]); sum += v[s] }
			for (s in y) if ((s, m) in z) of[group[s]] += v[s] - sum / n
			g = q = 0
			for (i in of) { g++; q += of[i] ^ 2 }
			e = g > 1 ? sqrt(g / (g - 1) * q) / n : 0
			if (n != $3 || g != $4 || (sum / n - $5) ^ 2 > 1e-11 || (g > 1 && (e - $6) ^ 2 > 1e-11)) { print $0, n, g, sum / n, e; bad = 1 }
			rows++
		}
		END { exit bad || rows < 20 }' subsets.tsv gain.tsv
}

@test "hmm-explain: an image is what the set's logit is less without it" {
	explained
	hmm-explain -w rho.safetensors --images <latents.hmm >images.tsv
	subject=$(awk -F'\t' 'NR == 2 { print $1 }' images.tsv)
	# of its rows the greatest first, and the images are all that there are
	awk -F'\t' -v s="$subject" '$1 == s { v = $8 < 0 ? -$8 : $8; if (n++ && v > before) exit 1; before = v }' images.tsv
	[ "$(awk 'END { print NR }' images.tsv)" = "$(wc -l <features.tsv)" ]
	for source in $(awk -F'\t' -v s="$subject" '$1 == s { print $6 }' images.tsv | head -n 3); do
		awk -F'\t' -v source="$source" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "path") at = i } $at != source' features.tsv >without.tsv
		hmm-gather -c cache without.tsv | hmm-condition -w phi.safetensors | hmm-setsum |
			hmm-rho -w rho.safetensors >without.predictions
		awk -F'\t' -v s="$subject" -v source="$source" '
			FNR == NR { if ($1 == s) z = $5; next }
			$1 == s && $6 == source { d = $9 - z - $8; exit !(d * d < 1e-10) }' without.predictions images.tsv
	done
}

@test "hmm-explain: the same bytes for any number of threads and order of arrival" {
	explained
	hmm-explain -w rho.safetensors --phi phi.safetensors -j 1 <latents.hmm >1.tsv
	hmm-explain -w rho.safetensors --phi phi.safetensors -j 5 -o 5.tsv <latents.hmm
	cmp 1.tsv 5.tsv
	(head -n 1 features.tsv; tail -n +2 features.tsv | tac) | hmm-gather -c cache |
		hmm-condition -w phi.safetensors | hmm-explain -w rho.safetensors --phi phi.safetensors >back.tsv
	cmp <(sort 1.tsv) <(sort back.tsv)
}

@test "hmm-explain: what is believed knowing nothing is the prevalence of training" {
	tiny_sets
	hmm-rho --train --epochs 1 -o rho.safetensors <sets.hmm
	share=$(hmm-rho -w rho.safetensors <sets.hmm | awk -F'\t' '$3 == "train" { n++; s += $4 } END { printf "%.17g", s / n }')
	hmm-explain -w rho.safetensors <latents.hmm >a.tsv
	hmm-explain -w rho.safetensors --prevalence "$share" <latents.hmm | cmp - a.tsv
	awk -F'\t' -v p="$share" 'NR > 1 { d = $12 - log(p / (1 - p)); exit !(d * d < 1e-20) }' a.tsv
	# with --subsets the full sets alone count; weighted classes are as many
	awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } !(NR > 1 && $at["label"] == 1 && $2 ~ /pet/ && seen[$1])
		{ seen[$1] = 1 }' features.tsv >uneven.tsv
	hmm-gather -c cache uneven.tsv | hmm-condition -w phi.safetensors >uneven.hmm
	hmm-setsum --subsets all <uneven.hmm | hmm-rho --train --epochs 1 --subset-loss all -o all.safetensors
	hmm-explain -w all.safetensors <latents.hmm | cut -f12 | cmp - <(cut -f12 a.tsv)
	hmm-rho --train --epochs 1 --class-weight balanced -o balanced.safetensors <sets.hmm
	hmm-explain -w balanced.safetensors <latents.hmm | awk -F'\t' 'NR > 1 && $12 != 0 { exit 1 }'
}

@test "hmm-explain: nothing seen is phi of zeros, or the mean of training" {
	explained
	hmm-explain -w rho.safetensors <latents.hmm | awk -F'\t' 'NR > 1 && !($9 == "n/a" && $10 == "n/a") { exit 1 }'
	hmm-explain -w rho.safetensors --phi phi.safetensors <latents.hmm >phi.tsv
	hmm-explain -w rho.safetensors --mean latents.hmm <latents.hmm >mean.tsv
	cmp <(cut -f1-8 phi.tsv) <(cut -f1-8 mean.tsv)
	run cmp -s phi.tsv mean.tsv
	[ "$status" = 1 ]
	# a study of blocks of zeros is nothing but presence
	mkdir npy
	hmm-show --npy npy features.hmm >table.tsv
	cp npy/000000.npy zero.npy
	size=$(($(stat -c %s zero.npy) - 128))
	head -c 128 npy/000000.npy >zero.npy
	head -c $size /dev/zero >>zero.npy
	for file in npy/*.npy; do cp zero.npy "$file"; done
	hmm-show --from-npy features --name zeros table.tsv | hmm-condition --any-history -w phi.safetensors >zeros.hmm
	hmm-explain --any-history -w rho.safetensors --phi phi.safetensors <zeros.hmm |
		awk -F'\t' 'NR > 1 && !($9 * $9 < 1e-10 && ($10 - $7) ^ 2 < 1e-10) { print; bad = 1 } END { exit bad || NR < 10 }'
	# the predictions of that study are those of nothing seen, whatever the reduction
	for reduce in mean sum max; do
		hmm-setsum --reduce $reduce <latents.hmm | hmm-rho --train --epochs 1 -o $reduce.safetensors
		hmm-explain --blank -w $reduce.safetensors --phi phi.safetensors <latents.hmm >blank.tsv
		hmm-setsum --reduce $reduce <zeros.hmm | hmm-rho --any-history -w $reduce.safetensors >want.tsv
		diff <(cut -f 1-4,7- blank.tsv) <(cut -f 1-4,7- want.tsv)
		paste blank.tsv want.tsv | awk -F'\t' 'NR > 1 { n++; if (($5 - $14) ^ 2 > 1e-10 || ($6 - $15) ^ 2 > 1e-12) exit 1 } END { exit n < 10 }'
	done
	hmm-explain --blank -w rho.safetensors --mean latents.hmm <latents.hmm >means.tsv
	hmm-explain --blank -w rho.safetensors --phi phi.safetensors <latents.hmm >blank.tsv
	differ means.tsv blank.tsv
	refuse 2 'blank: want the --phi or --mean' sh -c 'hmm-explain --blank -w rho.safetensors <latents.hmm'
	refuse 2 'at most one of --inter.*--blank' sh -c 'hmm-explain --blank --gain -w rho.safetensors <latents.hmm'
	refuse 2 'goes with none' sh -c 'hmm-explain --blank --summary <latents.hmm'
}

@test "hmm-explain: takes only what the model was trained on, and says what it wants" {
	tiny_sets
	hmm-rho --train --epochs 1 -o rho.safetensors <sets.hmm
	hmm-setsum --reduce sum <latents.hmm | hmm-rho --train --epochs 1 -o sum.safetensors
	# the reduction is the model's own
	hmm-explain -w sum.safetensors <latents.hmm >a.tsv
	hmm-explain -w sum.safetensors -r sum <latents.hmm | cmp - a.tsv
	refuse 1 'reduce mean: sum.safetensors was trained on sets of --reduce sum' sh -c 'hmm-explain -w sum.safetensors -r mean <latents.hmm'
	hmm-explain -w sum.safetensors -r mean --any-history <latents.hmm >/dev/null
	hmm-condition --train --epochs 1 -s 5 -o other.safetensors <features.hmm
	hmm-condition -w other.safetensors <features.hmm >other.hmm
	refuse 1 'record 1 .*hmm-condition.*any-history' sh -c 'hmm-explain -w rho.safetensors <other.hmm'
	refuse 1 'not made by other.safetensors' sh -c 'hmm-explain -w rho.safetensors --phi other.safetensors <latents.hmm'
	refuse 1 'hmm-condition.*any-history' sh -c 'hmm-explain -w rho.safetensors --mean other.hmm <latents.hmm'
	refuse 1 'record 1 .*hmm-condition.*any-history' sh -c 'hmm-explain -w rho.safetensors --mean latents.hmm <other.hmm'
	refuse 1 'stream of sets, want latents' sh -c 'hmm-explain -w rho.safetensors <sets.hmm'
	refuse 1 'not a model' sh -c 'hmm-explain -w phi.safetensors <latents.hmm'
	refuse 1 'was finished before' sh -c 'cat latents.hmm latents.hmm | hmm-explain -w rho.safetensors'
	refuse 2 'want either -w' sh -c 'hmm-explain <latents.hmm'
	refuse 2 'at most one of --inter' sh -c 'hmm-explain -w rho.safetensors --gain --images <latents.hmm'
	refuse 2 'at most one of --phi' sh -c 'hmm-explain -w rho.safetensors --phi phi.safetensors --mean latents.hmm <latents.hmm'
	refuse 2 'prevalence: found 1' sh -c 'hmm-explain -w rho.safetensors --prevalence 1 <latents.hmm'
	refuse 2 'samples: found 1' sh -c 'hmm-explain -w rho.safetensors --samples 1 <latents.hmm'
	# a model that does not say its prevalence
	sed 's/"prevalence"/"prevailing"/' rho.safetensors >old.safetensors
	refuse 1 'prevalence.*--prevalence P' sh -c 'hmm-explain -w old.safetensors <latents.hmm'
	sed 's/"prevalence":"0/"prevalence":"x/' rho.safetensors >odd.safetensors
	refuse 1 "prevalence 'x" sh -c 'hmm-explain -w odd.safetensors <latents.hmm'
	hmm-explain -w old.safetensors --prevalence 0.5 <latents.hmm >/dev/null
	# nobody in validation; nobody at all
	hmm-gather -c cache <(grep -v '	val	' features.tsv) | hmm-condition -w phi.safetensors >none.hmm
	refuse 1 'no labelled subjects of split val' sh -c 'hmm-explain -w rho.safetensors --gain <none.hmm'
	hmm-gather -c cache <(head -n 1 features.tsv) | hmm-condition -w phi.safetensors >empty.hmm
	[ "$(hmm-explain -w rho.safetensors <empty.hmm | wc -l)" = 1 ]
}

@test "hmm-explain: a summary has the means of absolute shares, with intervals over groups" {
	printf 'subject\tgroup\tsplit\tlabel\tmodality\timages\tphi\terror\tcontent\tpresence\tlogit\tbase\n' >shares.tsv
	for i in $(seq 40); do
		# two rows a group, the second as the first: 20 independent ones
		g=$(((i + 1) / 2))
		printf 's%d\tg%d\ttest\t1\tA\t1\t%s\t0\t%s\t0.5\t1\t0\n' $i $g $((g % 2 ? g : -g)) $((g % 2 ? g : -g))
	done >>shares.tsv
	printf 's99\tn/a\tval\tn/a\tB\t1\t-2\t0\tn/a\tn/a\t1\t0\n' >>shares.tsv
	hmm-explain --summary <shares.tsv >summary.tsv
	cut -f1-6 summary.tsv | diff - <(printf '%s\n' 'split	modality	measure	n	groups	value' \
		'test	A	mean_absolute_phi	40	20	10.5' 'test	A	mean_absolute_content	40	20	10.5' \
		'test	A	mean_absolute_presence	40	20	0.5' 'val	B	mean_absolute_phi	1	1	2' \
		'val	B	mean_absolute_content	1	1	n/a' 'val	B	mean_absolute_presence	1	1	n/a')
	# 10.5 -+ t(19) * 5.916 / sqrt(20), about
	awk -F'\t' '$3 == "mean_absolute_phi" && $1 == "test" { exit !($7 > 7.4 && $7 < 8.1 && $8 > 12.9 && $8 < 13.6) }' summary.tsv
	awk -F'\t' '$1 == "val" && ($7 != "n/a" || $8 != "n/a") { exit 1 }' summary.tsv
	# of two groups, each with two rows, nothing is known
	{ head -n 1 shares.tsv; for i in 1 2 3 4; do printf 's%d\tg%d\ttest\t1\tA\t1\t%d\t0\t1\t1\t1\t0\n' $i $((i / 3)) $((i / 3)); done; } |
		hmm-explain --summary --bootstrap 20000 | awk -F'\t' 'NR > 1 && $7 != "n/a" { exit 1 }'
	# what is the same for all says nothing of others
	awk -F'\t' '$3 == "mean_absolute_presence" && ($7 != "n/a" || $8 != "n/a") { exit 1 }' summary.tsv
	hmm-explain --summary -s 0 <shares.tsv | cmp - summary.tsv
	hmm-explain --summary --bootstrap 0 <shares.tsv | awk -F'\t' 'NR > 1 && $7 != "n/a" { exit 1 }'
	sed 's/10\t0\t/x\t0\t/' shares.tsv >odd.tsv
	refuse 1 "row .*phi '.*x', want a finite number" sh -c 'hmm-explain --summary <odd.tsv'
	refuse 1 'content' sh -c 'cut -f1-8 shares.tsv | hmm-explain --summary'
	refuse 1 'no rows' sh -c 'head -n 1 shares.tsv | hmm-explain --summary'
	refuse 2 'goes with none' sh -c 'hmm-explain --summary --phi x <shares.tsv'
}

@test "hmm-explain: slices share what their modality is worth" {
	tiny_study
	extract -w vgg.safetensors -c cache -j 2 manifest.tsv >features.tsv
	hmm-gather -c cache features.tsv >features.hmm
	hmm-condition --train --epochs 2 -o phi.safetensors <features.hmm
	hmm-condition -w phi.safetensors <features.hmm >latents.hmm
	slices() { # hmm-slice's of everybody
		awk -F'\t' 'NR == 1 || $2 == "T1w" || ENVIRON["both"]' manifest.tsv >some.tsv
		hmm-slice -q --stamp --manifest some.tsv | hmm-vgg --per-slice -w vgg.safetensors
	}
	for reduce in mean sum max; do
		hmm-setsum -r $reduce <latents.hmm | hmm-rho --train --epochs 4 --hidden 16,8 --learning-rate 1e-2 -o rho.safetensors
		# of T1w alone: worth the content of its only share
		slices >slices.hmm
		awk -F'\t' 'NR == 1 || $2 == "T1w"' features.tsv | hmm-gather -c cache | hmm-condition -w phi.safetensors |
			hmm-explain -w rho.safetensors --phi phi.safetensors >shares.tsv
		for rule in winner airport; do
			hmm-explain --slices $rule -w rho.safetensors --phi phi.safetensors <slices.hmm >slices.tsv
			awk -F'\t' '
				function far(a, b, most) { return (a - b) ^ 2 > most ^ 2 }
				FNR == 1 { next }
				FNR == NR { content[$1] = $9; z[$1] = $11; n++; next }
				{ sum[$1] += $8; worth[$1] = $9; rows++
					if ($7 + 0 != of[$1]++ || far($10, z[$1], 1e-6)) { print; bad = 1 } }
				END {
					for (s in sum) if (far(sum[s], worth[s], 1.1e-3) || far(worth[s], content[s], 1e-6)) { print s, sum[s], worth[s], content[s]; bad = 1 }
					exit bad || n < 5 || rows != 3 * n
				}' shares.tsv slices.tsv
		done
	done
	# beside another modality, and the same bytes for any number of threads
	both=1 slices >slices.hmm
	hmm-explain --slices airport -j 1 -w rho.safetensors --phi phi.safetensors <slices.hmm >a.tsv
	hmm-explain --slices airport -j 3 -w rho.safetensors --phi phi.safetensors <slices.hmm | cmp - a.tsv
	hmm-setsum -r max <latents.hmm | hmm-rho -w rho.safetensors |
		awk -F'\t' 'FNR == 1 { next } FNR == NR { z[$1] = $5; next } ($10 - z[$1]) ^ 2 > 1e-12 { print; exit 1 }' - a.tsv

	refuse 1 'whole image.*--per-slice' sh -c 'hmm-explain --any-history --slices airport -w rho.safetensors --phi phi.safetensors <features.hmm'
	refuse 2 'slices: want the --phi' sh -c 'hmm-explain --slices airport -w rho.safetensors <slices.hmm'
	hmm-condition --train --epochs 1 -s 5 -o other.safetensors <features.hmm
	refuse 1 'hmm-condition.*any-history' sh -c 'hmm-explain --slices airport -w rho.safetensors --phi other.safetensors <slices.hmm'
	hmm-slice -q --stamp --axis sagittal --manifest some.tsv | hmm-vgg --per-slice -w vgg.safetensors >turned.hmm
	refuse 1 'axis=sagittal' sh -c 'hmm-explain --slices airport -w rho.safetensors --phi phi.safetensors <turned.hmm'
	# a slice that is not there; a feature below 0
	mkdir npy
	hmm-show --npy npy slices.hmm | sed '/^#/d' >table.tsv
	sed 3d table.tsv | hmm-show --from-npy features --name x >less.hmm
	refuse 1 'slice 2 where 1 is the next of 3' sh -c 'hmm-explain --any-history --slices airport -w rho.safetensors --phi phi.safetensors <less.hmm'
	size=$(($(stat -c %s npy/000001.npy) - 128))
	(head -c 128 npy/000001.npy; yes "$(printf '\277\277\277\277')" | tr -d '\n' | head -c $size) >npy/000000.npy
	hmm-show --from-npy features --name x table.tsv >below.hmm
	refuse 1 'record 1 .*a feature of -1.*want 0 or more' sh -c 'hmm-explain --any-history --slices airport -w rho.safetensors --phi phi.safetensors <below.hmm'
}

@test "hmm-explain: more than 13 modalities are sampled, with an error" {
	tiny_sets
	hmm-rho --train --epochs 4 --hidden 16,8 --learning-rate 1e-2 -o rho.safetensors <sets.hmm
	mkdir npy
	hmm-show --npy npy latents.hmm | sed '/^#/d' >table.tsv
	for count in 13 14; do
		awk -F'\t' -v OFS='\t' -v count=$count 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print; next }
			NR <= count + 1 { $at["subject"] = $at["group"] = "s"; $at["label"] = 1; $at["split"] = "val"
				$at["modality"] = sprintf("m%02d", NR); print }' table.tsv |
			hmm-show --from-npy latents --name many >$count.hmm
		hmm-explain --any-history -w rho.safetensors <$count.hmm >$count.tsv
		awk -F'\t' -v count=$count 'NR > 1 { n++; sum += $7; left = $11 - $12; errors += $8 > 0 }
			END { exit !(n == count && (sum - left) ^ 2 < 1e-12 && errors == (count > 13 ? n : 0)) }' $count.tsv
	done
	hmm-explain --any-history -w rho.safetensors -j 3 -s 0 --samples 1000 <14.hmm | cmp - 14.tsv
	hmm-explain --any-history -w rho.safetensors -s 1 <14.hmm >other.tsv
	awk -F'\t' 'FNR == 1 { next } FNR == NR { phi[$5] = $7; e[$5] = $8; next }
		{ if ($7 == phi[$5] || ($7 - phi[$5]) ^ 2 > 25 * ($8 ^ 2 + e[$5] ^ 2)) exit 1 }' 14.tsv other.tsv
	hmm-explain --any-history -w rho.safetensors --interactions <13.hmm | awk 'END { exit NR != 79 }'
	refuse 1 'subject s: 14 modalities have 2.14 sets: want at most 13' sh -c 'hmm-explain --any-history -w rho.safetensors --interactions <14.hmm'
	refuse 1 '14 modalities' sh -c 'hmm-explain --any-history -w rho.safetensors --gain <14.hmm'
}

@test "hmm-explain: options that nothing looks at are refused" {
	refuse 2 'bootstrap does nothing without --summary' hmm-explain -w m --bootstrap 10
	for option in '--samples 10' '--prevalence .5' '-r max' --imputed --any-history; do
		refuse 2 'does nothing with --summary' hmm-explain --summary $option
	done
	for option in '--samples 10' '--prevalence .5' '-s 3'; do
		refuse 2 'does nothing with --slices' hmm-explain --slices winner -w m --phi p $option
	done
	# a model of another program is named as such
	tiny_sets
	hmm-rho --train --epochs 1 -o rho.safetensors <sets.hmm
	refuse 1 'phi.safetensors: not a model of hmm-rho --train' hmm-explain -q -w phi.safetensors <latents.hmm
	refuse 2 'imputed does nothing without --slices: hmm-condition takes what was imputed' hmm-explain -w m --imputed
}
