/**
 * The keypad's icon: a red square and a white disc on black, as on the keys. Everything stays within the middle 80 %, which
 * masks leave alone.
 */
export const iconSvg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" fill="#0c1117"/>' +
  '<circle cx="68" cy="50" r="17" fill="#fff"/><rect x="16" y="34" width="32" height="32" fill="#c0152a"/></svg>'

/** The same drawing as PNG in base64, by its width and height in pixels: home screens take no SVG. */
export const iconPngs = {
  192:
    'iVBORw0KGgoAAAANSUhEUgAAAMAAAADABAMAAACg8nE0AAAAIVBMVEUMERcvMzhRVVl0d3qXmZy6u73c3d7///+EFCRIEh3AFSpRuWWY' +
    'AAABf0lEQVR42u3ZsUrDUBSH8aalugYFXbsU16Kgq0Iwa8Shq1tXtSb3FXwE8RF8SouDtDa5J3jPn1r8fnO5H2pvcu9xMAAAAAAAAAAA' +
    'AP/L0UVRFOe5avnj2/Clue+feHuN2vjsNHyrZ30D7x9R6x+9DGuaG/fAxvorM+fA9Mf6oZm4BkZhy4trYL4dCHeOgZOW9fv9kvoFhou2' +
    'QHh2C7T+ACsTp0C26Ag8OQXGHeuHJvcJlF2BULkERp3rh6VL4KA7EHKPQBkJVA6BLLK+vRV6BMaxQO0QOI0FzL3WI1BGA1V6ILq+uZnt' +
    'wDAeWCYHxvFAnRw4jAesrWYHzozAJDVwZQSuUwOlEahSA3Mj8JAaWBiBx9SAsb6103YfyPY+sP9/A/3XVL7R5I8K+cNO/riWv3Dkr0z5' +
    'S19+bNEfvORHR/nhV358l19A9Fco+SVQfo3VX8TlowT5MEQ/zpEPpPQjNf1QUD7W1A9mfztalg/H5eP9v/UPCgAAAAAAAAAAsAufngP8' +
    'RoGgxC8AAAAASUVORK5CYII=',
  512:
    'iVBORw0KGgoAAAANSUhEUgAAAgAAAAIABAMAAAAGVsnJAAAAHlBMVEUMERcvMzhRVVl0d3qXmZy6u73c3d7///+EFCTAFSoReSF5AAAE' +
    'bklEQVR42u3dsU4bSRzA4bWNudYSQrRIJHGLUuAWJYi0pIjcIkeENoDteZW7t70TuubucmCvZxbP/r/vCZgf3vHY3p1pGgAAAAAAAAAA' +
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgOAGZ1fffqS/rO+uPk7CDf/sOv3DXawG7+bpP9afwyQ4+sXwnxN8inHtX6f/' +
    'tTzt9E/5I7ffN/n336cXdPsieIsA79Mrvvc7wEV61XLS4wAbjL/LAp0HmKW0VwW6DnCR0n4V6DjAh7Sxpz4GOE5bWPQvwCht5WvfAgzn' +
    '2wVI5z0LMNty/Gk16VWA47S1RZ8CDFMLlz0K8KVNgPIXQWcBxqmVRV8CDO7bBSj+TtBVgGnL8RdfEHYUYJhau+xFgFn7AMs+BBilHdz0' +
    'IMBslwCr+gPs9AIo/BLoJMBstwDL2gMM044uKw8w3TXAsu4ArReBnSwHOwhwuPP402PVAea7B1hPKg4wShncVBxgmiPAst4AGabAotNg' +
    '8QDjLONPD9UGmOUJsKo1wCBlcl5pgHGuAA+VBpjlCrCqM0C2K6DYNVA4wEG+ALdVBpjmC7CsMsA8X4A0qTDAKOP4C30eKBvgMGeAxwoD' +
    'zHIGWFUY4D5ngHRaXYCsU0ChSaBogMO8AR6qCzDNG2BZXYB53gBFVgIlAwwyj7/Ix4GSAQ5yB7itLMBvuQM8VhZgljvAqrIAuefAIrNg' +
    'wQDZ58Ais2DBAKP8AW6qCjDOH+ChqgAn+QM8VRVglj/AqqoAX/IHSFUFuC8Q4LSiAAXeBUvcLlUuwKhEgJuKAoxLBPhZUYDDEgEeKwpw' +
    'UiLAU0UBpiUCLCsKMCsRYF1RgHmJAKmiAPdFAkzqCVBk/PmXgsUCDMoEOK8mwLBMgMtqAozKBLgRoJYAB2UC3EYP8LOaAGMBinioJsCh' +
    'AAIIIIAAAggQNsBYgOBL4QMBgn8c9o1Q9ADhvxQN/7V4+B9G/DQW/sfR8D+Ph79BIvwtMuFvkgp/m1z4GyXD3yob/mZpt8uHf2DipIZl' +
    'gIemCgYI/9hc+Acnwz866+Hp8I/Ph99AIfwWGuE3UbGNTviNlMJvpRV+MzXb6YXfUDH8lprhN1W1rW74jZXDb60dfnN12+uHP2Ah/BEb' +
    'DlkJf8xO+IOWHLUV/rA1x+2FP3Ax/JGbDl0Nf+yug5fDH73t8PVdXgJFZ4DOAgz38y2guwDt1wJPTT8CtF4OnvckQNsvRhZNXwK0u3d6' +
    'NelPgOEezoCdBmiO9/AC6DTA9ouB8hdAtwGG8z17B+g6wLYr4q9N3wJsNw0smv4FaD7szxLwbQI0Fxt/Bpr0M8CmbwVdjb/7AJu9Bjob' +
    '/xsE2KRAd+N/iwDN+9fG/71peh2gOXrxs/H6U9N7g+sXXv6nTQRH87j//r+9+0WC9edJE8jZvy6Eu4+hhv88F5xdffvx/K+/u4o3egAA' +
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAoE5/Apj6BRZTpOt7AAAAAElFTkSuQmCC',
} as const
