load helper

@test "hmm-phantom: a BIDS tree; the same seed, the same bytes" {
	hmm-phantom -o a --subjects 6 --size 16 --slices 4 -s 7
	hmm-phantom -o b --subjects 6 --size 16 --slices 4 -s 7
	diff -r a b
	hmm-phantom -o c --subjects 6 --size 16 --slices 4 -s 8
	! diff -rq a c >/dev/null
	[ "$(awk -F'\t' 'NR > 1 { print $4 }' a/participants.tsv | sort | uniq -c | tr -s ' \n' ' ')" = " 3 AD 3 CN " ]
}

@test "hmm-phantom: nobody lacks both, the rate is about what was asked for" {
	hmm-phantom -o study --subjects 60 --size 8 --slices 1 --missing 0.5 -s 1
	[ "$(find study -name 'sub-*' -maxdepth 1 | wc -l)" = 60 ]
	images=$(find study -name '*.nii.gz' | wc -l)
	[ "$images" -gt 75 ] && [ "$images" -lt 105 ]
	hmm-phantom -o whole --subjects 5 --size 8 --slices 1 --missing 0 -s 1
	[ "$(find whole -name '*.nii.gz' | wc -l)" = 10 ]
}

@test "hmm-phantom: refuses a folder that is in use, and sizes that make no sense" {
	mkdir full && touch full/file
	refuse 1 'is not empty' hmm-phantom -o full
	refuse 1 'cannot create' hmm-phantom -o no/where
	refuse 2 'want -o' hmm-phantom
	refuse 2 'want 1 to 100000' hmm-phantom -o x --subjects 0
	refuse 2 "found 'many'" hmm-phantom -o x --subjects many
}
