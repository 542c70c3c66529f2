load helper

@test "hmm-setsum: one latent a subject, whatever it has" {
	tiny_sets
	diff <(hmm-show sets.hmm | awk -F'\t' '/^sub-/ { print $1, $3, $9 }') \
		<(tail -n +2 manifest.tsv | cut -f1,2 | sort |
			awk '{ m[$1] = m[$1] (m[$1] ? "+" : "") $2; n[$1]++ } END { for (s in m) print s, m[s], n[s] }' | sort)
}

@test "hmm-setsum: mean, sum and max" {
	tiny_sets
	for reduce in mean sum max; do
		hmm-setsum --reduce $reduce <latents.hmm | hmm-show >$reduce.txt
	done
	# a mean is the sum over the count
	paste <(grep '^sub-' mean.txt) <(grep '^sub-' sum.txt) |
		awk -F'\t' '{ d = $12 * $9 - $28; if (d * d > 1e-10) exit 1 }'
	# of one element all are the same
	for reduce in sum max; do
		diff <(awk -F'\t' '/^sub-/ && $9 == 1' mean.txt) <(awk -F'\t' '/^sub-/ && $9 == 1' $reduce.txt)
	done
}

@test "hmm-setsum: the order of arrival does not change a bit" {
	tiny_sets
	mkdir npy
	hmm-show --npy npy latents.hmm | grep -v '^#' >table.tsv
	(head -n 1 table.tsv; tail -n +2 table.tsv | sort -k1,1 -k3,3r) >backward.tsv
	! cmp -s table.tsv backward.tsv
	mkdir a b
	hmm-show --from-npy latents backward.tsv | hmm-setsum | hmm-show --npy a >/dev/null
	hmm-show --npy b sets.hmm >/dev/null
	diff -r a b
}

@test "hmm-setsum: subsets of a complete subject" {
	tiny_sets
	hmm-setsum --subsets all <latents.hmm | hmm-show >all.txt
	complete=$(awk -F'\t' '/^sub-/ && $3 ~ /\+/ { print $1; exit }' all.txt)
	[ "$(awk -F'\t' -v s="$complete" '$1 == s { print $3, $4 }' all.txt | paste -sd';')" = \
		"T1w+trc-18FFDG_pet n/a;T1w T1w+trc-18FFDG_pet;trc-18FFDG_pet T1w+trc-18FFDG_pet" ]
}

@test "hmm-setsum: refuses a subject that comes back, one without a name, conflicting labels" {
	tiny_sets
	mkdir npy
	hmm-show --npy npy latents.hmm | grep -v '^#' >table.tsv
	(cat table.tsv; sed -n 2p table.tsv) >back.tsv
	refuse 1 'was finished before' sh -c 'hmm-show --from-npy latents back.tsv | hmm-setsum'
	sed '2s/^[^\t]*/n\/a/' table.tsv >nameless.tsv
	refuse 1 'want a subject' sh -c 'hmm-show --from-npy latents nameless.tsv | hmm-setsum'
	complete=$(cut -f1 table.tsv | uniq -d | head -n 1)
	awk -F'\t' -v OFS='\t' -v s="$complete" '$1 == s && !n++ { $7 = 1 - $7 } { print }' table.tsv >conflict.tsv
	refuse 1 'conflicting labels' sh -c 'hmm-show --from-npy latents conflict.tsv | hmm-setsum'
	refuse 2 'want mean' hmm-setsum --reduce median
}

@test "hmm-setsum: no latents, no sets" {
	printf 'subject\tnpy\n' >none.tsv
	hmm-show --from-npy latents none.tsv | hmm-setsum | hmm-show --json | grep -q '"kind":"sets"'
}

# A subject of that many modalities: the block of each is 1 at its own place and 0 at all others.
many() { # MODALITIES: a table and its blocks
	mkdir -p blocks
	awk -v n="$1" 'BEGIN {
		OFS = "\t"
		print "subject", "modality", "label", "npy"
		for (i = 0; i < n; i++)
			print "sub-1", sprintf("m%02d", i), 1, sprintf("blocks/%02d.npy", i)
	}'
	local i
	for ((i = 0; i < $1; i++)); do
		one_hot "$i" "$1" >"blocks/$(printf %02d "$i").npy"
	done
}
one_hot() { # PLACE COUNT: a .npy of shape (COUNT, 1, 1)
	printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' \
		"{'descr': '<f4', 'fortran_order': False, 'shape': ($2, 1, 1), }"
	head -c $((4 * $1)) /dev/zero
	printf '\x00\x00\x80\x3f'
	head -c $((4 * ($2 - 1 - $1))) /dev/zero
}

@test "hmm-setsum: 61 modalities, alone and together" {
	many 61 >table.tsv
	hmm-show --from-npy latents table.tsv >latents.hmm
	mkdir npy
	hmm-setsum --reduce sum <latents.hmm | hmm-show --npy npy >whole.txt
	[ "$(grep -c '^sub-1' whole.txt)" = 1 ]
	[ "$(awk -F'\t' '/^sub-1/ { print $4, $9 }' whole.txt)" = 'n/a 61' ]
	awk -F'\t' '/^sub-1/ { exit split($3, m, "+") != 61 || m[1] != "m00" || m[61] != "m60" }' whole.txt
	[ "$(tail -c 244 npy/*.npy | od -An -v -tf4 -w4 | sort | uniq -c | tr -s ' ')" = ' 61 1' ]
	hmm-setsum --reduce sum --subsets singles <latents.hmm | hmm-show --npy npy | grep '^sub-1' >singles.txt
	[ "$(wc -l <singles.txt)" = 62 ]
	for ((i = 1; i <= 61; i++)); do
		printf 'm%02d 1\n' $((i - 1))
	done | diff - <(tail -n +2 singles.txt | awk -F'\t' '{ print $3, $9 }')
	for ((i = 1; i <= 61; i++)); do
		cmp "npy/$(printf %06d "$i").npy" "blocks/$(printf %02d $((i - 1))).npy"
	done
	[ "$(tail -n +2 singles.txt | cut -f4 | sort -u)" = "$(head -n 1 singles.txt | cut -f3)" ]
	refuse 1 'subject sub-1: 61 modalities have 2\^61 subsets: want at most 16' \
		sh -c 'hmm-setsum --subsets all <latents.hmm >all.hmm'
}

@test "hmm-setsum: all subsets of 16 modalities, none of 17" {
	many 17 >table.tsv
	hmm-show --from-npy latents table.tsv | hmm-setsum --subsets singles | hmm-show >shown
	[ "$(grep -c '^sub-1' shown)" = 18 ]
	refuse 1 'subject sub-1: 17 modalities have 2\^17 subsets: want at most 16' \
		sh -c 'hmm-show --from-npy latents table.tsv | hmm-setsum --subsets all'
	sed -i '$d' table.tsv
	hmm-show --from-npy latents table.tsv | hmm-setsum --subsets all | hmm-show | grep '^sub-1' >shown
	[ "$(wc -l <shown)" = 65535 ]
	[ "$(cut -f3 shown | sort -u | wc -l)" = 65535 ]
	[ "$(sed -n '1p;2p;3p;4p;65535p' shown | cut -f9 | paste -sd' ')" = '16 1 1 2 15' ]
	awk -F'\t' '{ if (split($3, m, "+") != $9 || ($9 == 16) != ($4 == "n/a")) exit 1 }' shown
}
