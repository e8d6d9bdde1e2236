module rasad

go 1.26
