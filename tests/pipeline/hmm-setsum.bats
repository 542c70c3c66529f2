load helper

@test "hmm-setsum: one latent a subject, whatever it has" {
	tiny_sets
	diff <(hmm-show sets.hmm | awk -F'\t' '/^sub-/ { print $1, $3, $9 }') \
		<(tail -n +2 manifest.tsv | cut -f1,2 | sort |
			awk '{ m[$1] = m[$1] (m[$1] ? "+" : "") $2; n[$1]++ } END { for (s in m) print s, m[s], n[s] }' | sort)
	# one history tells how all were made, of those too who lack a modality
	hmm-show --json sets.hmm | grep '"kind"' >head.json
	[ "$(wc -l <head.json)" = 1 ]
	grep -q '"history":' head.json
}

@test "hmm-setsum: mean, sum and max" {
	tiny_sets
	for reduce in mean sum max; do
		hmm-setsum --reduce $reduce <latents.hmm | hmm-show >$reduce.txt
	done
	# a mean is the sum over the count
	paste <(grep '^sub-' mean.txt) <(grep '^sub-' sum.txt) |
		awk -F'\t' '{ d = $12 * $9 - $29; if (d * d > 1e-10) exit 1 }'
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
	differ table.tsv backward.tsv
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

# Three subjects, of which the second one has 20,000 images: of numbers whose sum depends on the
# order in which they are added.
crowd() {
	local i
	mkdir -p blocks
	for i in '\xcd\xcc\xcc\x3d' '\x9a\x99\x19\x3f' '\x33\x33\x53\x40' '\x5e\x10\x80\x4b'; do
		{
			printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1), }"
			printf "$i"
		} >"blocks/$(ls blocks | wc -l).npy"
	done
	awk 'BEGIN {
		OFS = "\t"
		print "subject", "modality", "label", "source", "imputed", "npy"
		for (i = 0; i < 20006; i++)
			print i < 3 ? "sub-1" : i < 20003 ? "sub-2" : "sub-3", i < 9000 ? "MRI" : "PET", 1, \
				sprintf("%06d", i < 3 ? 9 - i : i), "n/a", "blocks/" (i * 7919 % 4) ".npy"
	}' >table.tsv
	hmm-show --from-npy latents table.tsv >latents.hmm
}
sets() { hmm-show --from-npy latents "$1" | hmm-setsum "${@:2}"; } # TABLE [OPTION...]
numbers() { hmm-show --json | grep -v '"kind"'; } # of one number each: all of it

@test "hmm-setsum: of many images in their order the memory does not grow, and no bit is another" {
	crowd
	(head -n 1 table.tsv; tail -n +2 table.tsv | sort -k1,1 -k2,2r -k4,4r) >backward.tsv
	for reduce in mean sum max; do
		sets backward.tsv -r $reduce | numbers >want
		if grep -q __asan_init "$(command -v hmm-setsum)"; then
			hmm-setsum -r $reduce <latents.hmm >sets.hmm
		else
			(ulimit -v 150000 && hmm-setsum -r $reduce <latents.hmm >sets.hmm) # 160 MB of records
		fi
		numbers <sets.hmm | diff want -
	done
	[ "$(hmm-show sets.hmm | awk -F'\t' '/^sub-/ { print $1, $3, $9 }' | paste -sd,)" = 'sub-1 MRI 3,sub-2 MRI+PET 20000,sub-3 PET 3' ]
}

@test "hmm-setsum: what it looks at in few images it looks at in many" {
	crowd
	awk -F'\t' -v OFS='\t' 'NR > 10000 && $1 == "sub-2" { $3 = 0 } 1' table.tsv >label.tsv
	refuse 1 'subject sub-2 has conflicting labels' sets label.tsv
	awk -F'\t' -v OFS='\t' 'NR > 10000 && $1 == "sub-2" { $5 = sprintf("%064d", 1) } 1' table.tsv >imputed.tsv
	refuse 1 'subject sub-2: PET is imputed and also there real' sets imputed.tsv
	awk -F'\t' -v OFS='\t' 'NR == 3500 || NR == 3501 { $2 = "MR" } NR == 3501 { $5 = sprintf("%064d", 1) } 1' table.tsv >held.tsv
	refuse 1 'subject sub-2: MR is imputed and also there real' sets held.tsv
	one_hot 0 2 >blocks/wide.npy
	awk -F'\t' -v OFS='\t' 'NR == 10000 { $6 = "blocks/wide.npy" } 1' table.tsv >shape.tsv
	refuse 1 'record 9999 \(sub-2 PET\): shape \(2,1,1\), want \(1,1,1\)' sets shape.tsv
	# one that stands before others of 4,000, and behind those
	awk -F'\t' -v OFS='\t' 'NR == 4002 { $4 = "000000" } 1' table.tsv >early.tsv
	sets early.tsv | numbers >early
	(head -n 1 early.tsv; tail -n +2 early.tsv | sort -k1,1 -k2,2 -k4,4) >sorted.tsv
	sets sorted.tsv | numbers | diff - early
	awk -F'\t' -v OFS='\t' 'NR == 4005 { $4 = "000100" } 1' table.tsv >late.tsv
	refuse 1 'record 4004 \(sub-2 MRI\): out of order .* behind 4000 images .* want all of a subject.s in it, as hmm-gather' sets late.tsv
	# with subsets all are held
	(head -n 1 late.tsv; tail -n +2 late.tsv | sort -k1,1 -k2,2 -k4,4) >sorted.tsv
	sets sorted.tsv | numbers >want
	sets late.tsv --subsets singles | numbers | grep -v '"observed"' | diff want -
	# the next subject may come in any order again
	awk -F'\t' -v OFS='\t' '$1 == "sub-3" { $4 = "x" 99 - NR % 9 } 1' table.tsv >next.tsv
	sets next.tsv >/dev/null
}

@test "hmm-setsum: random subsets are keyed draws behind the full set" {
	many 20 >table.tsv
	(cat table.tsv; awk -F'\t' -v OFS='\t' 'NR > 1 && NR < 7 { $1 = "sub-2"; print }
		NR == 2 { $1 = "sub-3"; one = $0 } END { print one }' table.tsv) >more.tsv
	draws() { # TABLE OPTION...: subject modality observed index count, of draws
		hmm-show --from-npy latents "$1" | hmm-setsum --subsets random "${@:2}" | hmm-show |
			awk -F'\t' -v OFS='\t' '/^sub-/ { print $1, $3, $4, $8, $9 }'
	}
	draws table.tsv --draws 50 -s 3 >draws
	[ "$(wc -l <draws)" = 51 ]
	[ "$(head -n 1 draws | cut -f3-)" = "$(printf 'n/a\tn/a\t20')" ]
	# numbered, each says what the subject has, which its modalities are among
	awk -F'\t' -v all="$(head -n 1 draws | cut -f2)" 'NR > 1 && ($3 != all || $4 != NR - 2 ||
		split($2, m, "+") != $5) { exit 1 }
		NR > 1 { for (i in m) if (index("+" all "+", "+" m[i] "+") == 0) exit 1; sizes[$5] }
		END { for (s in sizes) n++; exit n < 12 }' draws
	# fewer are the first of more; another seed gives others
	draws table.tsv --draws 20 -s 3 | diff - <(head -n 21 draws)
	draws table.tsv --draws 50 -s 4 >other
	differ draws other
	# neither other subjects nor their order matter
	draws more.tsv --draws 50 -s 3 >more
	grep '^sub-1' more | diff - draws
	(head -n 1 more.tsv; tail -n +2 more.tsv | sort -r) >backward.tsv
	draws backward.tsv --draws 50 -s 3 | sort | diff - <(sort more)
	# a draw may be all that the subject has, and says so; one modality is one set
	awk -F'\t' '$1 == "sub-2" && $2 == $3 { n++ } END { exit !n }' more
	[ "$(grep -c '^sub-3' more)" = 1 ]
	# by modalities subjects who have the same get the same
	(cat table.tsv; awk -F'\t' -v OFS='\t' 'NR > 1 { $1 = "sub-9"; print }' table.tsv) >twice.tsv
	draws twice.tsv --draws 30 --draw-by modalities | cut -f2- >both
	diff <(head -n 31 both) <(tail -n +32 both)
	draws twice.tsv --draws 30 | cut -f2- >own
	differ <(head -n 31 own) <(tail -n +32 own)
}

@test "hmm-setsum: of random subsets sizes are even, members too, and the mean is theirs" {
	many 5 >table.tsv
	hmm-show --from-npy latents table.tsv | hmm-setsum -r sum --subsets random --draws 4000 -s 1 >random.hmm
	hmm-show random.hmm | grep '^sub-' | tail -n +2 >shown
	# 800 of each size, of each modality 2400 (4 standard deviations: 100, 124)
	awk -F'\t' '{ size[$9]++; n = split($3, m, "+"); for (i = 1; i <= n; i++) has[m[i]]++ }
		END { for (s = 1; s <= 5; s++) if (size[s] < 700 || size[s] > 900) exit 1
			for (h in has) { k++; if (has[h] < 2276 || has[h] > 2524) exit 1 }
			exit k != 5 }' shown
	# each is the very set of its modalities
	hmm-show --from-npy latents table.tsv | hmm-setsum -r sum --subsets all >all.hmm
	mkdir all random
	hmm-show --npy all all.hmm | grep '^sub-' | awk -F'\t' '{ print $3 "\t" $15 }' | sort >all.txt
	hmm-show --npy random random.hmm | grep '^sub-' | sed -n '1,60p' | awk -F'\t' '{ print $3 "\t" $15 }' |
		sort | join -t$'\t' - all.txt >pairs
	[ "$(wc -l <pairs)" = 60 ]
	while IFS=$'\t' read -r _ one other; do cmp "$one" "$other"; done <pairs
}

@test "hmm-setsum: refuses draws that nobody asked for, none, and too many" {
	refuse 2 'go with --subsets random' hmm-setsum --draws 3
	refuse 2 'go with --subsets random' hmm-setsum --subsets all --draw-by subject
	refuse 2 'found 0, want 1 to 1000000' hmm-setsum --subsets random --draws 0
	refuse 2 'found 1000001, want 1 to 1000000' hmm-setsum --subsets random --draws 1000001
	hmm-setsum --show-history --subsets random -s 4 | grep -q '"notes":"subsets=random draws=8 draw-by=subject seed=4"'
	hmm-setsum --show-history -s 4 | grep -q '"notes":"subsets=none"'
}

# Latents of one number: numbers "SUBJECT MODALITY SPLIT NUMBER"..., NUMBER one of 1 2 3 10
numbered() {
	local -A bits=([1]='\x00\x00\x80\x3f' [2]='\x00\x00\x00\x40' [3]='\x00\x00\x40\x40' [10]='\x00\x00\x20\x41')
	local i row
	for i in "${!bits[@]}"; do
		printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1), }" >"$i.npy"
		printf "${bits[$i]}" >>"$i.npy"
	done
	printf 'subject\tmodality\tsplit\tlabel\tnpy\n'
	for row; do
		set -- $row
		printf '%s\t%s\t%s\t1\t%s.npy\n' "$@"
	done
}

@test "hmm-setsum: what a subject lacks is filled with the mean of training, and marked" {
	numbered 's1 A train 1' 's1 B train 3' 's2 A train 3' 's3 B val 10' 's3 B val 2' 's4 A test 10' >table.tsv
	hmm-show --from-npy latents --name tiny table.tsv >latents.hmm
	shown() { hmm-show | awk -F'\t' '/^s[0-9]/ { print $1, $3, $4, $9, $12, $NF }'; }
	hmm-setsum --fill latents.hmm <latents.hmm | shown >have
	# A is 2 and B is 3 in training; one latent stands for all images of a modality
	diff have - <<-'END'
		s1 A+B n/a 2 2 n/a
		s2 A+B n/a 2 3 B
		s3 A+B n/a 3 4.66667 A
		s4 A+B n/a 2 6.5 B
	END
	hmm-setsum -r sum --fill latents.hmm <latents.hmm | shown | awk '{ print $5 }' | paste -sd' ' | grep -qx '4 6 14 13'
	hmm-setsum -r max --fill latents.hmm <latents.hmm | shown | awk '{ print $5 }' | paste -sd' ' | grep -qx '3 3 10 10'
	# the order of arrival does not change a bit, through a pipe too
	(head -n 1 table.tsv; tail -n +2 table.tsv | sort -k1,1 -k2,2r) | hmm-show --from-npy latents --name tiny >backward.hmm
	hmm-setsum --fill <(cat backward.hmm) <backward.hmm | shown | sort | diff have -
	# what nobody lacks is as it was
	numbered 's1 A train 1' 's1 B train 3' >whole.tsv
	hmm-show --from-npy latents --name tiny whole.tsv | hmm-setsum --fill latents.hmm | shown | diff - <(head -n 1 have)
	refuse 2 '^hmm-setsum: --fill goes with no --subsets' hmm-setsum --fill latents.hmm --subsets all
	refuse 1 '^hmm-setsum: none.hmm: cannot open' hmm-setsum --fill none.hmm
	refuse 1 '^hmm-setsum: .*: found a stream of sets, want latents' hmm-setsum --fill <(hmm-setsum <latents.hmm)
	grep -v train table.tsv >val.tsv
	hmm-show --from-npy latents --name tiny val.tsv >val.hmm
	refuse 1 '^hmm-setsum: val.hmm: no latents of split train$' sh -c 'hmm-setsum --fill val.hmm <latents.hmm'
	many 3 >many.tsv
	hmm-show --from-npy latents --name tiny many.tsv >many.hmm
	refuse 1 '^hmm-setsum: record 1 \(sub-1 m00\): shape \(3,1,1\), want \(1,1,1\) as in latents.hmm$' \
		sh -c 'hmm-setsum --fill latents.hmm <many.hmm'
	refuse 1 'want \(1,1,1\) as in record 1$' sh -c 'cat latents.hmm many.hmm >both.hmm; hmm-setsum --fill both.hmm <latents.hmm'
	head -c -1 latents.hmm >cut.hmm
	refuse 1 '^hmm-setsum: cut.hmm: ' sh -c 'hmm-setsum --fill cut.hmm <latents.hmm'
	awk -F'\t' -v OFS='\t' 'NR == 3 { $2 = "n/a" } 1' table.tsv | hmm-show --from-npy latents --name tiny >nameless.hmm
	refuse 1 '^hmm-setsum: nameless.hmm: record 2: want a modality$' sh -c 'hmm-setsum --fill nameless.hmm <latents.hmm'
}

@test "hmm-setsum: of many images in their order what is filled is no other bit" {
	crowd
	awk -F'\t' -v OFS='\t' '{ $7 = NR == 1 ? "split" : "train" } NR > 1 && $1 == "sub-2" { $2 = "MRI" } 1' table.tsv >train.tsv
	(head -n 1 train.tsv; tail -n +2 train.tsv | sort -k1,1 -k4,4r) >backward.tsv
	hmm-show --from-npy latents --name tiny train.tsv >train.hmm
	hmm-setsum --fill train.hmm <train.hmm | hmm-show | awk -F'\t' '/^sub-2/ { print $3, $9, $NF }' | grep -qx 'MRI+PET 20001 PET'
	hmm-setsum --fill train.hmm <train.hmm | numbers >want
	hmm-show --from-npy latents --name tiny backward.tsv | hmm-setsum --fill train.hmm | numbers | diff want -
}

@test "hmm-setsum: a model of filled sets takes those of the same means, and says who was filled" {
	tiny_sets
	hmm-setsum --fill latents.hmm <latents.hmm >filled.hmm
	hmm-rho --train --epochs 1 -o rho.safetensors <filled.hmm
	hmm-rho -w rho.safetensors <filled.hmm >predictions.tsv
	# every row is whole and has all modalities; those are imputed that the subject has no image of
	tail -n +2 predictions.tsv | cut -f 7,9 | sort -u | grep -qxP 'T1w\+trc-18FFDG_pet\tn/a'
	awk -F'\t' 'NR == FNR { has[$1 SUBSEP $2]; next } FNR > 1 { n += $8 != "n/a"
		if (($8 == "T1w") != !(($1 SUBSEP "T1w") in has)) exit 1
		if (($8 == "trc-18FFDG_pet") != !(($1 SUBSEP "trc-18FFDG_pet") in has)) exit 1 }
		END { exit n != 2 }' manifest.tsv predictions.tsv
	refuse 1 'hmm-setsum .*any-history' sh -c 'hmm-rho -w rho.safetensors <sets.hmm'
	awk -F'\t' 'NR == 1 || !($5 == "train" && !n++)' features.tsv | hmm-gather -c cache |
		hmm-condition -w phi.safetensors >other.hmm
	refuse 1 'hmm-setsum .*any-history' sh -c 'hmm-setsum --fill other.hmm <latents.hmm | hmm-rho -w rho.safetensors'
	hmm-rho --train --epochs 1 -o plain.safetensors <sets.hmm
	refuse 1 'hmm-setsum .*any-history' sh -c 'hmm-rho -w plain.safetensors <filled.hmm'
	# means of another phi
	hmm-condition --train --epochs 1 -s 5 -o phi5.safetensors <features.hmm
	hmm-condition -w phi5.safetensors <features.hmm >phi5.hmm
	refuse 1 'record 1 \(.*\): it was made by hmm-condition.*, but the latents of phi5.hmm were made' \
		sh -c 'hmm-setsum --fill phi5.hmm <latents.hmm'
}
