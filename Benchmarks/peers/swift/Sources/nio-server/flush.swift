import Glibc

func fflushStdout() { fflush(nil) }
