package values

import "math/big"

func fractionText(n any) (num, den string, err error) {
	r, _ := n.(*big.Rat)
	if num, err = intText(r.Num()); err != nil {
		return "", "", err
	}
	den, err = intText(r.Denom())
	return num, den, err
}
