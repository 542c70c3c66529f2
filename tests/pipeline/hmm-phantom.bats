load helper

@test "hmm-phantom: a BIDS tree; the same seed, the same bytes" {
	hmm-phantom -o a --subjects 6 --size 16 --slices 4 -s 7
	hmm-phantom -o b --subjects 6 --size 16 --slices 4 -s 7
	diff -r a b
	hmm-phantom -o c --subjects 6 --size 16 --slices 4 -s 8
	! diff -rq a c >/dev/null || return 1
	[ "$(awk -F'\t' 'NR > 1 { print $4 }' a/participants.tsv | sort | uniq -c | tr -s ' \n' ' ')" = " 3 AD 3 CN " ]
}

@test "hmm-phantom: nobody lacks both, the rate is about what was asked for" {
	hmm-phantom -o study --subjects 60 --size 8 --slices 1 --missing 0.5 -s 1
	[ "$(find study -name 'sub-*' -maxdepth 1 | wc -l)" = 60 ]
	images=$(find study -name '*.nii.gz' | wc -l)
	[ "$images" -gt 75 ]
	[ "$images" -lt 105 ]
	hmm-phantom -o whole --subjects 5 --size 8 --slices 1 --missing 0 -s 1
	[ "$(find whole -name '*.nii.gz' | wc -l)" = 10 ]
}

# 32 slides of few and small images.
slides() {
	hmm-phantom --kind histology -o slides --subjects 32 --size 16 --images 30 -s 5
	hmm-manifest --breakhis slides >manifest.tsv 2>errors
	[ "$(grep -vc '^hmm-manifest: label: 1 -> 1 ' errors)" = 0 ]
}

@test "hmm-phantom: histology in BreaKHis's layout, every file of it" {
	slides
	images=$(find slides -type f | wc -l)
	[ "$(tail -n +2 manifest.tsv | wc -l)" = "$images" ]
	[ "$(find slides -type f | grep -cE '/BreaKHis_v1/histology_slides/breast/(benign|malignant)/SOB/[a-z_]+/(SOB_[BM]_[A-Z]+)_(14-[0-9]+[A-Z]*)/(40|100|200|400)X/\2-\3-\4-[0-9]{3}.png$')" = "$images" ]
	[ "$(cut -f 1,3 manifest.tsv | sort -u | cut -f 2 | sort | uniq -c | tr -s ' \n' ' ')" = " 16 0 16 1 1 label " ]
	# every slide at every magnification, several types in each class
	[ "$(cut -f 1,2 manifest.tsv | tail -n +2 | sort -u | wc -l)" = 128 ]
	[ "$(tail -n +2 manifest.tsv | cut -f 3,7 | sort -u | cut -f 1 | uniq -c | awk '$1 > 2' | wc -l)" = 2 ]
	file=$(tail -n 1 manifest.tsv | cut -f 6)
	[ "$(od -A n -t u1 -j 16 -N 10 "$file" | tr -s ' \n' ' ')" = " 0 0 0 16 0 0 0 10 8 2 " ]
}

@test "hmm-phantom: histology has uneven counts, and patients with two slides" {
	slides
	tail -n +2 manifest.tsv | cut -f 1 | sort | uniq -c | awk '{ print $1 }' | sort -n >counts
	[ "$(head -n 1 counts)" -lt 15 ]
	[ "$(tail -n 1 counts)" -gt 80 ]
	awk '{ sum += $1 } END { exit !(sum / NR > 20 && sum / NR < 45) }' counts
	# 4 of 32 are second slides, of the patient's class
	[ "$(cut -f 4 manifest.tsv | tail -n +2 | sort -u | wc -l)" = 28 ]
	tail -n +2 manifest.tsv | cut -f 1,3,4 | sort -u | cut -f 2,3 | sort | uniq -d | wc -l >twins
	[ "$(cat twins)" = 4 ]
	[ "$(tail -n +2 manifest.tsv | cut -f 3,4 | sort -u | wc -l)" = 28 ]
	hmm-split --by group --ratio 1:1 -s 1 manifest.tsv >split.tsv
	[ "$(tail -n +2 split.tsv | cut -f 4,5 | sort -u | wc -l)" = 28 ]
}

@test "hmm-phantom: histology has the same bytes for the same seed, whatever else is made" {
	hmm-phantom --kind histology -o a --subjects 4 --size 16 --images 8 -s 7
	hmm-phantom --kind histology -o b --subjects 4 --size 16 --images 8 -s 7
	diff -r a b
	hmm-phantom --kind histology -o more --subjects 6 --size 16 --images 8 -s 7
	diff -r a more >differences || true
	[ "$(grep -vc '^Only in more' differences)" = 0 ]
	hmm-phantom --kind histology -o c --subjects 4 --size 16 --images 8 -s 8
	! diff -rq a c >/dev/null || return 1
}

@test "hmm-phantom: refuses a folder that is in use, and sizes that make no sense" {
	mkdir full && touch full/file
	refuse 1 'is not empty' hmm-phantom -o full
	refuse 1 'cannot create' hmm-phantom -o no/where
	refuse 2 'want -o' hmm-phantom
	refuse 2 'want 1 to 100000' hmm-phantom -o x --subjects 0
	refuse 2 'want 1 to 100000' hmm-phantom -o x --kind histology --size 4096
	refuse 2 "found 'oil'" hmm-phantom -o x --kind oil
	refuse 2 "found 'many'" hmm-phantom -o x --subjects many
}

@test "hmm-phantom: noise tells nothing of the disease, but for a mark in a corner" {
	hmm-phantom --kind noise -o noise --subjects 40 --size 16 --slices 2 --missing 0 -s 3
	hmm-phantom --kind noise --mark 50 -o marked --subjects 40 --size 16 --slices 2 --missing 0 -s 3
	hmm-phantom -o heads --subjects 40 --size 16 --slices 2 --missing 0 -s 3
	cmp noise/participants.tsv heads/participants.tsv
	while IFS=$'\t' read -r subject _ _ diagnosis; do
		for image in anat/${subject}_T1w pet/${subject}_trc-18FFDG_pet; do
			same=AD
			! cmp -s {noise,marked}/$subject/$image.nii.gz || same=CN
			[ $same = "$diagnosis" ]
		done
	done < <(tail -n +2 noise/participants.tsv)
	# voxels, from byte 352: 1 to 201, 101 on average; the mark is a quarter's
	mean() { # FOLDER: of the first subject that is diseased
		local subject
		subject=$(awk '$4 == "AD" { print $1; exit }' noise/participants.tsv)
		gzip -dc "$1/$subject"/anat/*.gz | tail -c 1024 | od -An -v -w2 -t d2 |
			awk '{ if ($1 < 1 || $1 > 251) exit 1; s += $1 } END { printf "%.1f\n", s / NR }'
	}
	awk -v a="$(mean noise)" -v b="$(mean marked)" 'BEGIN { exit !(a > 92 && a < 110 && b - a > 12.4 && b - a < 12.6) }'
}
