// check.js DIR PAGE...: what run says, of each page; screenshots into DIR. Exit 1 when something is wrong.
const { chromium } = require('playwright-core')
const path = require('path')

// The lightness of a colour (WCAG 2), and the contrast of two.
const contrast = `
  const part = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
  const lightness = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number); return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b) }
  const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
  const ground = lightness(getComputedStyle(document.body).backgroundColor);
  [...document.querySelectorAll('svg text')]
    .filter(t => t.textContent.trim() && ratio(lightness(getComputedStyle(t).fill), ground) < 4.5)
    .map(t => t.textContent.trim())`
const twice = `[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)`
const sideways = `document.documentElement.scrollWidth > document.documentElement.clientWidth`

async function check (browser, folder, file, colorScheme, width) {
  const wrong = []
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } })
  page.on('console', message => message.type() === 'error' && wrong.push(`console: ${message.text()}`))
  page.on('pageerror', error => wrong.push(`error: ${error}`))
  await page.route('**', route => {
    if (!/^(file|data):/.test(route.request().url())) wrong.push(`loads ${route.request().url()}`)
    return route.continue()
  })
  await page.goto('file://' + path.resolve(file))
  if (await page.evaluate(sideways)) wrong.push('scrolls sideways')
  for (const id of await page.evaluate(twice)) wrong.push(`id twice: ${id}`)
  for (const text of await page.evaluate(contrast)) wrong.push(`hard to read: ${text}`)
  await page.addScriptTag({ path: require.resolve('axe-core') })
  for (const v of await page.evaluate('axe.run().then(r => r.violations)')) wrong.push(`axe: ${v.id}, ${v.impact}, ${v.nodes.length} times, such as ${v.nodes[0].html}`)
  const name = `${path.basename(file, '.html')}-${colorScheme}-${width}`
  await page.screenshot({ path: path.join(folder, name + '.png'), fullPage: true })
  if (width > 320 && colorScheme === 'light') {
    const pdf = await page.pdf()
    if (pdf.length < 10000) wrong.push('an empty PDF')
  }
  await page.close()
  console.log(`${wrong.length ? 'not ok' : 'ok'} page: ${name}`)
  for (const line of wrong) console.log(`# ${line}`)
  return wrong.length
}

(async () => {
  const [folder, ...files] = process.argv.slice(2)
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
  let wrong = 0
  for (const file of files) {
    for (const scheme of ['light', 'dark']) {
      for (const width of [1100, 320]) wrong += await check(browser, folder, file, scheme, width)
    }
  }
  await browser.close()
  process.exit(wrong ? 1 : 0)
})()
