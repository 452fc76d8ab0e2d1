/** The standard's faces first, as an office's machines have them, then those that the server brings. */
const SONG = `"方正小标宋简体","方正小标宋_GBK","FZXiaoBiaoSong-B05S","小标宋","Noto Serif SC",serif`;
const FANG = `"仿宋_GB2312","FangSong_GB2312","仿宋","FangSong","Noto Serif SC",serif`;
const HEI = `"黑体","SimHei","Noto Sans SC",sans-serif`;
const KAI = `"楷体_GB2312","KaiTi_GB2312","楷体","KaiTi","Noto Serif SC",serif`;
const ROMAN = `"宋体","SimSun","Noto Serif SC",serif`;

/**
 * GB/T 9704-2012: A4, 37 mm above and 28 mm at the binding, a type area of 156 × 225 mm, 22 lines of 28 characters of 3号.
 * A 3号 character is 16 pt: 28 of them are 2 mm wider than the type area, so each gives up 0.28 px.
 */
export const SHEET = `
@page{size:A4 portrait;margin:0}
*{box-sizing:border-box;margin:0;padding:0}
html{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{color:#000;font:16pt/calc(225mm / 22) ${FANG};direction:ltr}
.page{position:relative;width:210mm;height:297mm;padding:37mm 26mm 35mm 28mm;background:#fff;overflow:hidden;break-after:page;break-inside:avoid}
.page:last-child{break-after:auto}
.line{display:block;height:calc(225mm / 22);white-space:nowrap;direction:ltr;unicode-bidi:bidi-override}
.text{letter-spacing:-.28px}
.first{padding-left:42.11px}
.full{text-align:justify;text-align-last:justify;letter-spacing:-.35px}
h1{font-weight:400}
.title{font:700 22pt/calc(225mm / 22) ${SONG};text-align:center}
b{font-weight:700}
.hei{font-family:${HEI};font-weight:500}
.kai{font-family:${KAI};font-weight:500}
header{position:relative;height:calc(8 * 225mm / 22);border-bottom:.6mm solid #d7000f;direction:ltr;unicode-bidi:bidi-override}
.mark{position:absolute;top:35mm;left:0;right:0;color:#d7000f;font-family:${SONG};font-weight:900;line-height:1;text-align:center;white-space:nowrap}
.number{position:absolute;left:0;right:0;bottom:1.8mm;text-align:center;white-space:nowrap}
.letter header{height:calc(2 * 225mm / 22);border:0}
.letter .mark{top:-7mm}
.letter .number{bottom:auto;top:calc(15mm + 1.6mm);text-align:right}
.rule{position:absolute;left:20mm;width:170mm;height:1.4mm;border:solid #d7000f;border-width:.9mm 0 .3mm}
.rule.upper{top:49mm}
.rule.lower{bottom:20mm;border-width:.3mm 0 .9mm}
.sign{position:relative;height:calc(5 * 225mm / 22)}
.seat{position:absolute;right:calc(4 * 16pt);top:calc(2 * 225mm / 22);width:max-content;text-align:center;direction:ltr;unicode-bidi:bidi-override}
.by,.on{display:block;white-space:nowrap}
.by{position:relative;left:50%;width:max-content;transform:translateX(-50%)}
.seal{position:absolute;left:50%;top:0;width:42mm;height:42mm;margin:-18mm 0 0 -21mm;border:.25mm dashed #e3a6a9;border-radius:50%;color:#e3a6a9;font:10.5pt/8mm ${FANG};text-align:center;padding-top:4mm}
.seal.government{width:45mm;height:45mm;margin:-19.5mm 0 0 -22.5mm}
.imprint{position:absolute;left:28mm;width:156mm;bottom:35mm;border:solid #000;border-width:.35mm 0;font-size:14pt;direction:ltr;unicode-bidi:bidi-override}
.imprint>div{height:calc(225mm / 22);padding:0 14pt;white-space:nowrap}
.copies+.copies{padding-left:calc(4 * 14pt)}
.printed{display:flex;justify-content:space-between}
.copies+.printed{border-top:.25mm solid #000}
.letter .imprint{border:0}
footer{position:absolute;bottom:calc(35mm - 7mm - 14pt);font:14pt/1 ${ROMAN};white-space:nowrap}
footer.odd{right:calc(26mm + 14pt)}
footer.even{left:calc(28mm + 14pt)}
@media screen{html{background:#e4e7eb}main{width:210mm;margin:8mm auto}.page{margin-bottom:8mm;box-shadow:0 1px 6px #0004}}
`.trim();
