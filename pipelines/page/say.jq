# What pages say numbers and tables of people with.
def fixed($n): if . == null then "n/a" else
	. as $x | (pow(10; $n)) as $p | (($x * $p) | if . < 0 then -((-. + 0.5) | floor) else (. + 0.5) | floor end) as $i |
	(if $i < 0 then "-" else "" end) + (($i | fabs) as $a | ($a / $p | floor | tostring) +
		(if $n == 0 then "" else "." + (("0" * $n) + (($a % $p) | tostring) | .[-$n:]) end)) end;
def short: if . != 0 and fabs < 0.01 then tostring else fixed(2) end;
def percent: if . == null then "n/a" else (100 * .) | fixed(0) + " %" end;
def interval($n): if .low == null or .high == null then "" else "\(.low | fixed($n)) to \(.high | fixed($n))" end;
def count($one): "\(.) " + (if . == 1 then $one elif $one == "modality" then "modalities" else $one + "s" end);
def name: if . == null then "not known" else tostring end;
def join_and: if length < 2 then (.[0] // "") else (.[:-1] | join(", ")) + " and " + .[-1] end;
def mean: add / length;
def sd: mean as $m | if length < 2 then null else (map(pow(. - $m; 2)) | add / (length - 1) | sqrt) end;
def spell: {
	acc: "accuracy", auc: "area under the ROC curve", auc_hard: "the same of decisions", f1: "F1",
	precision: "positive predictive value", recall: "sensitivity", brier: "Brier score", specificity: "specificity",
	npv: "negative predictive value", balanced_accuracy: "balanced accuracy", mcc: "Matthews correlation",
	average_precision: "average precision", auc_within: "area within patterns of modalities", log_loss: "cross-entropy",
	scaled_brier: "scaled Brier score", ece: "expected calibration error", rmsce_debiased: "calibration error, debiased",
	citl: "calibration in the large", slope: "calibration slope"
}[.] // (sub("net_benefit_standardised@"; "standardised net benefit at ") | sub("net_benefit@"; "net benefit at "));
def metric($of): first(.[] | select(.metric == $of)) // null;

# ---- who is there ----
def people: group_by(.subject) | map(.[0] + {has: (map(.modality) | unique), images: length});
def events: map(select(.label == 1)) | length;
def is_numbers($column): map(.[$column] | values) | all(type == "number") and (unique | length) > 4; # no code of a few
def mean_sd($column): map(.[$column] | numbers) | if length == 0 then "n/a" else "\(mean | fixed(1)) (\(sd | fixed(1)))" end;
def levels($column): [.[] | .[$column] | select(. != null) | tostring] | unique;
def cohort_row($name; f): . as $parts | {name: $name, cells: [$parts[] | f]};
def share($of; $all): if $all == 0 then "0" else "\($of) (\($of / $all | percent))" end;
def standardised($column): # of train and test: the difference of means or shares, in standard deviations
	(.train // []) as $a | (.test // []) as $b | [$a, $b] | map(map(.[$column] | numbers)) |
	if (.[0] | length) < 2 or (.[1] | length) < 2 then null else
		(map(mean)) as $m | (map(sd)) as $s | ((($s[0] * $s[0]) + ($s[1] * $s[1])) / 2 | sqrt) as $d |
		if $d == 0 then null else ($m[0] - $m[1]) / $d end end;
