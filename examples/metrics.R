# Predictions and metrics in R: Rscript metrics.R predictions.tsv
table <- read.delim(commandArgs(TRUE)[1], na.strings = "n/a")
test <- subset(table, split == "test" & !is.na(label))
rank <- rank(test$probability)
ones <- sum(test$label == 1)
auc <- (sum(rank[test$label == 1]) - ones * (ones + 1) / 2) / (ones * sum(test$label == 0))
cat(sprintf("auc\t%.6f\n", auc))
print(aggregate(probability ~ label + modalities, test, mean))
