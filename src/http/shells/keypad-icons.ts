/**
 * The keypad's icon: a white disc and a red square on black, as on the keys. Everything stays within the middle 80 %, which
 * masks leave alone.
 */
export const iconSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" fill="#0c1117"/>' +
  '<circle cx="32" cy="50" r="17" fill="#fff"/><rect x="52" y="34" width="32" height="32" fill="#c0152a"/></svg>'

/** The same drawing as PNG in base64, by its width and height in pixels: home screens take no SVG. */
export const iconPngs = {
  192:
    'iVBORw0KGgoAAAANSUhEUgAAAMAAAADABAMAAACg8nE0AAAAIVBMVEUMERcvMzhRVVl0d3qXmZy6u73c3d7///+EFCRIEh3AFSpR' +
    'uWWYAAABeUlEQVR42u3Zz0oCURTHcWdqauuicGu0cFtE+AJCW2kz28Rgtv0ZPa9Qj1JPGUnEmM4d4ZwfaHw/W+F+RZ2Ze4+9HgAA' +
    'AAAAAAAA+Eeyy8lkcnMhW/62spXHa8n6R6X9ul975S3pfcf1zyprmDdf+kz62PH927p5cCCv/gSan1JE4M42XEUGzjfXt0VgYPMD' +
    '+jaLC4y2rW/LYVQgt+1mUYFBS2DZjwlkVUvApjGBom19q2MC49bAz7XgDGTt69tDRKBIBOqIwCgRsH5AoEwFpv5Anlrfnv2BIhmo' +
    '/YFBMmD+wDgdGLoDZTow9Qay9Pr25A3kHYEXb+C4I/DqDRQdgdobOOkILLyB047A0hvouM5WV9qBB/oHH9j770D+M5VfaPJbhfxm' +
    'J79dyx848kem/qEv37bIN17yraN886vfvssPIPIjlPwQqD/Gyg/i8lGCfhgiH+foB1LykZp+KKgfa8oHs/rRsn44rh/v6/+gAAAA' +
    'AAAAAAAAe+oLAE38ZKv02iEAAAAASUVORK5CYII=',
  512:
    'iVBORw0KGgoAAAANSUhEUgAAAgAAAAIABAMAAAAGVsnJAAAAHlBMVEUMERcvMzhRVVl0d3qXmZy6u73c3d7///+EFCTAFSoReSF5' +
    'AAAEVklEQVR42u3dy04bSRiA0Ta2ydabyFtLRLA1KApbFCF5C5GCtyhBYTtxx65nmEeYt51MZhFuAV+qo/xV57xBfe67u6uaBgAA' +
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIIDewfnVbfruy8fzk1F9o79K99ycVDX8t7fpkeX7asb/5onh' +
    '/0hwXMXw92bpl25G9f78/1utsxH8/U9uv3H879ILPhQdoDdLL/pccIB1xr9GgbAB1ht/Sm2hAdYd/4vbQNQAp2ltn0oMcJg2cFle' +
    'gNdpI9PSAvQ3G39aTsoK0JtvGOC5U0HEAIdpY5clBRikLUzKCbD5DvCfb+UEOExbuSglQH+78afVqJAAp1sGSIsyAgzS1iZFBJht' +
    'H6AtIcAw7WBaQID5LgHa+AF22gCe3gRiBZjtFqCNHmCQdjQJHmC2a4BF7AD9Xcf/1OVgpABHOwdI15ED9G53D7CMHGCYMpgGDjDL' +
    'EWARN0A/x/gfHwbjBBhnCfDowUicAPM8AdqoAfLsAd+NggYY5wpwETTAPFeANmaAbHvAw30gSoD9fAHOQgaY5QuwiBigl2/8D+4H' +
    'ggQYZgxw/34gSICjnAGuAwaY5wzQxguwl3P8aRUvQNZDwP2DQIwA47wBrsMFmOUNsIgWoJd3/PeuBEIE6GcOcPd2IESA/dwBzoIF' +
    'OMod4K9gAea5A7SxAuQ+Bt47CkYIkP0YePcoGCHAMH+AaagA4/wBLkIFOM0f4GuoAPP8AdpQAfKP/8670wEC7HUQYBUpwKCDAD/P' +
    'gwECDLsIMA0U4FUXAS4CBTjqIsB1oACnXQT4GijArIsAi0ABbrsI0AYK0MX4f94Q//kBep0EWMUJsNdJgBQnQL+bAKMwAQbdBJiE' +
    'CTDsJsBUgCgB9rsJcBYmwCsBOnERJsBYgE5cCyCAAAIIIIAALoRcCrsZcjvsgYgAHop6LO6PEX+N+XPU3+NekPCKjJekvCbnRUmv' +
    'ynpZ2uvyPpjwycyfFWDc4VnQZ3M+nAwQoPpPZ6v/eNrn89VPoFD9FBrVT6JS/TQ6JlKqfiqt6idTq346PRMqVj+lZvWTqlY/ra6J' +
    'laufWrv6ydVNr1/9AgvVL7FhkZXql9mpfqElS21Vv9ha9cvtWXCx+iU3Lbpa/bK7Fl6ufulti6/vchR4cgMIF2CQ9RQQMMD2Lw0u' +
    'mjIC9PNdBMYM0BzmeRASN0Bvq1Pht6aYANsdBycFBdhmJ7hsSgqw+U7QNkUF2PhMsJwUFqB5neEaOHSAzQ4Dl015ATa5IPzUlBig' +
    't/Zd0eemyABrF2ibQgOsWeBzU2yAtQq8OP7IAZrm3Uvj/9CUHaB58+y/ZavjpvQAzd4zu8HNqKnBrzaC5XFTid7bJxIs3zcV6R1c' +
    'Pdj4T5ra9A7Or35sCF8+np+MGgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgMr9CxDs+PXtx4AEAAAA' +
    'AElFTkSuQmCC',
} as const
