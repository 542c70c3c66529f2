load helper

@test "cell: vectors are coded on the cell's own split, and a kept model brings its encoder" {
	cp "$root"/tests/golden/record.{blood.csv,clinic.tsv,tiles.npz,manifest.tsv} .
	awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = substr($1, 2) % 2 } $1 > "p12" && $5 == "train" { $5 = "val" } 1' record.manifest.tsv >manifest.tsv
	hypermm cell -o one --system hypermm --keep -j 1 --condition '--epochs 2' --rho '--epochs 2' manifest.tsv 2>/dev/null
	hmm-record -q --train -o encoder manifest.tsv
	cmp encoder one/encoder.safetensors
	hmm-record -q -w encoder manifest.tsv 2>/dev/null | hmm-condition -q -j 1 -w one/phi.safetensors | hmm-setsum | hmm-rho -w one/rho.safetensors |
		diff - one/predictions.tsv
	# fewer patients, by the models of before, with the encoder of before
	awk -F'\t' 'NR == 1 || $5 == "test"' manifest.tsv >test.tsv
	hypermm cell -o two --system hypermm --models one -j 1 test.tsv 2>/dev/null
	diff <(grep -w test one/predictions.tsv) <(grep -w test two/predictions.tsv)
	! hypermm cell -o four --target value --system hypermm --models one -j 1 test.tsv 2>said || return 1
	grep -qx 'cell: one: models of another target than value' said
	[ ! -e four/predictions.tsv ]
	# an encoder that was given stays where it is; one of other models than these goes
	brief=(-j 1 --system linear-mean --keep)
	hypermm cell -o one "${brief[@]}" --encoder one/encoder.safetensors manifest.tsv 2>/dev/null
	cmp encoder one/encoder.safetensors
	hypermm cell -o one --system hypermm --keep --models one -j 1 manifest.tsv 2>/dev/null
	cmp encoder one/encoder.safetensors
	hypermm cell -o one "${brief[@]}" --encoder encoder manifest.tsv 2>/dev/null
	[ ! -e one/encoder.safetensors ]
	printf 'subject\tmodality\tfeatures\n' >features.tsv
	refuse 2 'want --cache' hypermm cell -o three --system hypermm features.tsv
}

@test "cell: multi-cnn-filled leaves nobody out, and is no multi-cnn" {
	cp "$root"/tests/golden/record.{blood.csv,clinic.tsv,tiles.npz,manifest.tsv} .
	awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = substr($1, 2) % 2 } $1 > "p12" && $5 == "train" { $5 = "val" } 1' record.manifest.tsv >manifest.tsv
	fast=(-j 1 --joint '--epochs 2 --hidden 4')
	hypermm cell -o filled --system multi-cnn-filled --keep "${fast[@]}" manifest.tsv 2>/dev/null
	[ "$(tail -n +2 filled/predictions.tsv | wc -l)" = "$(tail -n +2 manifest.tsv | cut -f 1 | sort -u | wc -l)" ]
	hypermm cell -o again --system multi-cnn-filled --models filled -j 1 manifest.tsv 2>/dev/null
	cmp filled/predictions.tsv again/predictions.tsv
	! hypermm cell -o other --system multi-cnn --models filled -j 1 manifest.tsv 2>said || return 1
	grep -q 'multi-cnn.safetensors' said
	[ ! -e other/predictions.tsv ]
	refuse 2 "found '--impute', which cell gives hmm-joint itself" hypermm cell -o other --system multi-cnn --joint '--impute none' manifest.tsv
}

@test "table-hancock: endpoints of three years, folds, and test patients with less" {
	mkdir -p data/hancock
	for table in blood clinical icd_codes pathological tma_cell_density; do
		awk -v table="$table" 'BEGIN { print "patient_id,a,b"
			for (i = 0; i < 30; i++) if (i % 7 != length(table) % 7) printf "p%02d,%d,%d\n", i, i * i % 11, i % 5 }' >data/hancock/$table.csv
	done
	for stain in CD163 CD3 CD56 CD68 CD8 HE MHC1 PDL1; do cp "$root/tests/golden/record.tiles.npz" "data/hancock/tma_tile_$stain.npz"; done
	{
		echo patient_id,recurrence,days_to_recurrence,survival_status,survival_status_with_cause,days_to_last_information,rfs_event,days_to_rfs_event
		echo p00,yes,300,deceased,deceased,500,1,300
		echo p01,no,,deceased,deceased,500,0,500
		echo p02,no,,deceased,deceased,2000,0,2000
		echo p03,no,,living,living,900,0,900
		echo p04,yes,1400,living,living,1500,1,1400
		echo p05,yes,-3,living,living,900,1,-3
		echo p06,no,,living,living,1500,0,1500
		for i in $(seq 10 29); do echo "p$i,$([ $((i % 3)) = 0 ] && echo yes,200 || echo no,),living,living,1500,0,1500"; done
	} >data/hancock/targets.csv
	RUNS=6 hypermm table-hancock data out --dry-run >/dev/null 2>&1
	[ "$(grep '^p0' out/labels.tsv | cut -f 2 | paste -sd' ')" = '1 1 0 n/a 0 n/a 0' ]
	[ "$(grep '^p0' out/recurrence/labels.tsv | cut -f 2 | paste -sd' ')" = '1 0 0 n/a 0 1 0' ]
	# five folds by patient with one seed, then with the next; whose label is unknown is not there
	for run in 1 2 3 4 5; do awk -F'\t' '$5 == "test" { print $1 }' out/whole/$run.tsv | sort -u; done | sort >tested
	[ "$(sort -u tested | wc -l)" = "$(wc -l <tested)" ]
	diff <(sort -u tested) <(tail -n +2 out/manifest.tsv | cut -f 1 | sort -u)
	! grep -x p03 tested || return 1
	differ out/whole/1.tsv out/whole/6.tsv
	# only test patients lose anything, and none all
	diff <(grep -vw test out/whole/1.tsv) <(grep -vw test out/eight/1.tsv)
	[ "$(grep -cw test out/eight/1.tsv)" -lt "$(grep -cw test out/four/1.tsv)" ]
	diff <(grep -w test out/whole/1.tsv | cut -f 1 | sort -u) <(grep -w test out/eight/1.tsv | cut -f 1 | sort -u)
	# what there is of more runs goes
	RUNS=2 hypermm table-hancock data out --dry-run >/dev/null 2>&1
	[ "$(cd out && ls whole four eight tables | grep -c tsv)" = 8 ]
	refuse 2 "RUNS: found 'x'" env RUNS=x hypermm table-hancock data out
}

@test "table: vectors are found from where the table is called, and with less by the models of before" {
	cp "$root"/tests/golden/record.{blood.csv,clinic.tsv,tiles.npz,manifest.tsv} .
	mkdir whole less
	awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = substr($1, 2) % 2 } $1 > "p12" && $5 == "train" { $5 = "val" } 1' record.manifest.tsv >whole/1.tsv
	hmm-drop -q --modality '*' --rate 0.5 --each --split test -s 1 whole/1.tsv >less/1.tsv
	printf 'scenario\tmanifests\ttrained\tsystem\tmodel\nwhole\twhole\t-\tHyperMM\thypermm\nless\tless\twhole\tHyperMM\thypermm\nwhole\twhole\t-\tAge\tcovariates:age\n' >systems
	awk -F'\t' -v OFS='\t' 'NR == 1 { print $0, "age"; next } { print $0, 50 + substr($1, 2) % 7 }' whole/1.tsv >aged && mv aged whole/1.tsv
	hypermm table -o out --systems systems --no-figures -j 1 --condition '--epochs 2' --rho '--epochs 2 --hidden 4' >/dev/null 2>said || { cat said; return 1; }
	grep -q '^| less | HyperMM ' out/table.md
	grep -q '^| whole | Age ' out/table.md
	trained=$(ls -d out/cells/less-*/HyperMM-*/1)
	[ ! -e "$trained/phi.tsv" ]
	grep -w test "$trained/predictions.tsv" | cut -f 7 | grep -qv '+.*+'
	# what stands in the tables counts, where their names are the same
	again() { hypermm table -o out --systems systems --no-figures -j 1 --condition '--epochs 2' --rho '--epochs 2 --hidden 4' >/dev/null 2>said; }
	cells() { find out/cells -name predictions.tsv -printf '%p %T@\n' | sort; }
	cells >before
	again
	cells | cmp - before
	sed -i '2s/,[^,]*/,7/' record.blood.csv
	again
	[ "$(cells | sort - before | uniq -u | wc -l)" = 6 ]
	# whatever signs stand in its name
	mv record.blood.csv 'a[1]#2.csv'
	sed -i 's/record.blood.csv#/a[1]#2.csv[*]#/' {whole,less}/1.tsv
	again
	cells >before
	sed -i '2s/\([^,]*,[^,]*,\)[^,]*/\17/' 'a[1]#2.csv'
	again
	[ "$(cells | sort - before | uniq -u | wc -l)" = 6 ]
}
