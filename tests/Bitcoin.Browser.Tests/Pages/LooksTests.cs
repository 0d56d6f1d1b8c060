using System.Reflection;
using Bitcoin.Browser.Support;
using Bitcoin.Functional.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bitcoin.Browser.Pages;

/// <summary>How the pages look in narrow and wide windows, light and dark; and who can use them.</summary>
[TestFixtureSource(typeof(Programs), nameof(Programs.All))]
internal sealed class LooksTests(string program) : BrowserTest(program)
{
    private static readonly string[] s_pages =
        ["", "send", "receive", "transactions", "network", "console", "processes", "wallets", "settings"];

    private static readonly string s_pictures = typeof(LooksTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "Pictures").Value!;

    [Test]
    [Category("Long")]
    public async Task Every_page_fits_into_every_window_and_shuts_out_nobody()
    {
        Host gui = StartPage();
        Rpc().WaitUntilStarted(gui);
        Fill();
        List<string> wrong = [];

        foreach (ColorScheme scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            IPage page = await Open(gui, new BrowserNewContextOptions { ColorScheme = scheme });
            foreach (int width in (int[])[360, 800, 1400])
            {
                await page.SetViewportSizeAsync(width, 900);
                foreach (string path in s_pages)
                {
                    await Show(page, path);
                    string name = $"{path}-{width}-{scheme}";
                    await Keep(page, name);
                    int over = await page.EvaluateAsync<int>(
                        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
                    if (over > 0)
                    {
                        wrong.Add($"{name}: {over} pixels too wide");
                    }

                    if (width != 800)
                    {
                        wrong.AddRange((await Axe.Check(page)).Select(fault => $"{name}: {fault}"));
                    }
                }
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    [Category("Long")]
    public async Task The_keyboard_is_enough()
    {
        Host gui = StartPage();
        Rpc().WaitUntilStarted(gui);
        MakeWallet();
        IPage page = await Open(gui);
        await Expect(page.GetByTestId("available")).ToBeVisibleAsync();

        // Each page takes the focus when it is there: from then on it is the keyboard's.
        await Expect(Title(page)).ToBeFocusedAsync();
        await TabTo(page, "Receive", "Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(Title(page)).ToHaveTextAsync("Receive");
        await Expect(Title(page)).ToBeFocusedAsync();

        // The first stop of all leads past the menu, and stays on the page.
        await TabTo(page, "To the content", "Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        Assert.That(page.Url, Does.EndWith("/receive"));
        Assert.That(await page.EvaluateAsync<string>("() => document.activeElement.id"), Is.EqualTo("content"));
        await TabTo(page, "Label");
        await page.Keyboard.TypeAsync("by keyboard");
        await TabTo(page, "Make an address");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("request")).ToContainTextAsync("label=by%20keyboard");

        await page.GotoAsync($"{new Uri(page.Url).GetLeftPart(UriPartial.Authority)}/transactions");
        await Expect(page.GetByTestId("payment").First).ToBeVisibleAsync();
        await Expect(Title(page)).ToBeFocusedAsync();
        await TabTo(page, "Mined");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.WaitForFunctionAsync(
            "() => document.querySelector('[role=dialog]')?.contains(document.activeElement)");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await TabTo(page, "savings", "Shift+Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Menuitem)).ToHaveCountAsync(2);
    }

    [Test]
    [Category("Long")]
    public async Task Pictures_for_the_readme()
    {
        Host gui = StartPage();
        Rpc().WaitUntilStarted(gui);
        Fill();
        (string Path, ColorScheme Scheme, string Name)[] pictures =
        [
            ("", ColorScheme.Light, "overview"), ("send", ColorScheme.Light, "send"),
            ("receive", ColorScheme.Dark, "receive"), ("transactions", ColorScheme.Light, "transactions"),
            ("console", ColorScheme.Dark, "console"), ("processes", ColorScheme.Light, "processes"),
        ];
        foreach ((string path, ColorScheme scheme, string name) in pictures)
        {
            IPage page = await Open(gui, new BrowserNewContextOptions
            {
                ColorScheme = scheme,
                ViewportSize = new ViewportSize { Width = 1040, Height = 660 },
                DeviceScaleFactor = 0.6f,
            });
            await Show(page, path);
            await Do(page, path);
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = PictureOf(name) });
            Assert.That(new FileInfo(PictureOf(name)).Length, Is.InRange(2_000, 80_000), "small");
        }
    }

    private static string PictureOf(string name)
        => Environment.GetEnvironmentVariable("UPDATE_PICTURES") == "1"
            ? Path.Combine(s_pictures, $"{name}.png")
            : Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{name}.png");

    /// <summary>Something to see.</summary>
    private async Task Do(IPage page, string path)
    {
        switch (path)
        {
            case "send":
                await Fill(page.GetByTestId("address"), Address);
                await Fill(page.GetByTestId("amount"), "1.25");
                break;
            case "receive":
                await Fill(page.GetByTestId("label"), "Rent");
                await page.GetByTestId("make").ClickAsync();
                await Expect(page.GetByTestId("qr")).ToBeVisibleAsync();
                break;
            case "console":
                await page.GetByTestId("line").FillAsync("getblockchaininfo");
                await page.GetByTestId("run").ClickAsync();
                await Expect(page.GetByTestId("entry")).ToContainTextAsync("regtest");
                break;
            default:
                break;
        }
    }

    /// <summary>A wallet with a history, and one with a name that is hard to show.</summary>
    private void Fill()
    {
        Rpc().Call("createwallet", string.Concat(Enumerable.Repeat("verylongname", 8)));
        RpcClient rpc = MakeWallet();
        Pay("11", "Rent", 4.2);
        Pay("22", "Bookshop", 0.31);
        Pay("33", "Tea", 0.004);
        Rpc().Call("generatetoaddress", 1, rpc.Text("getnewaddress", "Gift of a friend with a long name"));
        Pay("44", "Bicycle", 0.5);

        void Pay(string digits, string label, double amount)
        {
            string script = "0014" + string.Concat(Enumerable.Repeat(digits, 20));
            string address = Primitives.Address.Format(NBitcoin.Script.FromHex(script), Regtest)!;
            rpc.Call("sendtoaddress", address, amount, "", "", false, true, null, "unset", null, 10);
            rpc.Call("setlabel", address, label);
        }

    }

    private static async Task Show(IPage page, string path)
    {
        await page.GotoAsync($"{new Uri(page.Url).GetLeftPart(UriPartial.Authority)}/{path}");
        await Expect(Title(page)).ToBeVisibleAsync();
        await Expect(page.GetByTestId("node")).ToContainTextAsync("regtest");
        switch (path)
        {
            case "" or "transactions":
                await Expect(page.GetByTestId("payment").First).ToBeVisibleAsync();
                break;
            case "processes":
                await Expect(page.GetByTestId("processes").GetByRole(AriaRole.Row).Nth(1)).ToBeVisibleAsync();
                break;
            default:
                break;
        }
    }

    private static Task<string> Focused(IPage page) => page.EvaluateAsync<string>(
        """
        () => {
            const at = document.activeElement;
            return (at.getAttribute("aria-label") || at.innerText
                || (at.labels && at.labels[0] ? at.labels[0].innerText : "")).trim();
        }
        """);

    private static async Task TabTo(IPage page, string name, string key = "Tab")
    {
        const int MaxStops = 60;
        List<string> passed = [];
        for (int i = 0; i < MaxStops; i++)
        {
            await page.Keyboard.PressAsync(key);
            string focused = await Focused(page);
            if (focused.StartsWith(name, StringComparison.Ordinal))
            {
                return;
            }

            passed.Add(focused);
        }

        Assert.Fail($"'{name}' is not reached. Passed: {string.Join(" | ", passed)}");
    }
}
