using System.Text.RegularExpressions;
using Bitcoin.Browser.Support;
using Bitcoin.Functional.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bitcoin.Browser.Pages;

/// <summary>The first start of a user who names no directory: the page asks before the node starts.</summary>
[TestFixtureSource(typeof(Programs), nameof(Programs.All))]
internal sealed class FirstStartTests(string program) : BrowserTest(program)
{
    protected override string Home => Root;

    private string DefaultRoot => Path.Combine(Root, ".bitcoin-multiprocess");

    [Test]
    public async Task Network_and_directory_are_chosen_on_the_page_and_kept_for_all_programs()
    {
        string chosen = Path.Combine(Root, "my coins");
        Host gui = StartWithoutDirectory();
        IPage page = await Window();
        await page.GotoAsync(Entry(gui));
        ILocator steps = page.GetByTestId("first-steps");
        await Expect(steps.GetByTestId("directory")).ToHaveValueAsync(DefaultRoot);
        await Keep(page, "first-start");
        Assert.That(await Axe.Check(page), Is.Empty);
        await page.SetViewportSizeAsync(360, 800);
        Assert.That(
            await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(360));

        await steps.GetByTestId("directory").FillAsync("my coins");
        await steps.GetByTestId("begin").ClickAsync();
        await Expect(steps).ToContainTextAsync("Expected an absolute path, got 'my coins'.");
        Assert.That(Directory.Exists(chosen), Is.False);
        Assert.That(File.Exists(Path.Combine(DefaultRoot, "bitcoin.conf")), Is.False, "nothing is stored");

        await steps.GetByTestId("network-regtest").ClickAsync();
        await steps.GetByTestId("directory").FillAsync(chosen);
        await steps.GetByTestId("begin").ClickAsync();
        await Expect(page.GetByTestId("no-wallet")).ToContainTextAsync(Path.Combine(chosen, "regtest"));
        Assert.That(
            await File.ReadAllLinesAsync(Path.Combine(DefaultRoot, "bitcoin.conf")),
            Is.EquivalentTo([$"datadir={chosen}", "chain=regtest"]));
        Assert.That(Directory.Exists(Path.Combine(chosen, "regtest", "blocks")), Is.True);
        await page.CloseAsync();
        gui.Signal("TERM");
        Assert.That(gui.WaitForExit(), Is.Zero);

        // The second start asks nothing.
        IPage again = await Open(StartWithoutDirectory());
        await Expect(again.GetByTestId("no-wallet")).ToContainTextAsync(Path.Combine(chosen, "regtest"));
    }

    [Test]
    public async Task A_network_of_the_command_line_is_shown_and_the_default_directory_needs_no_settings()
    {
        Host gui = StartWithoutDirectory("-regtest");
        IPage page = await Window();
        await page.GotoAsync(Entry(gui));
        ILocator steps = page.GetByTestId("first-steps");
        await Expect(steps.GetByTestId("network")).ToContainTextAsync("regtest");

        await steps.GetByTestId("begin").ClickAsync();

        await Expect(page.GetByTestId("no-wallet")).ToContainTextAsync(Path.Combine(DefaultRoot, "regtest"));
        Assert.That(File.Exists(Path.Combine(DefaultRoot, "bitcoin.conf")), Is.False);
    }

    [Test]
    public async Task An_option_asks_again_and_every_other_setting_stays()
    {
        string first = Directory.CreateDirectory(Path.Combine(Root, "first")).FullName;
        string second = Path.Combine(Root, "second");
        Directory.CreateDirectory(DefaultRoot);
        string settings = Path.Combine(DefaultRoot, "bitcoin.conf");
        await File.WriteAllLinesAsync(
            settings, ["# mine", "testnet4=1", "keypool=1", $"datadir={first}", "[regtest]", "uacomment=kept"]);
        Host gui = StartWithoutDirectory("-choosedatadir");
        IPage page = await Window();
        await page.GotoAsync(Entry(gui));
        ILocator steps = page.GetByTestId("first-steps");
        await Expect(steps.GetByTestId("directory")).ToHaveValueAsync(first);
        await Expect(steps.GetByRole(
            AriaRole.Radio, new LocatorGetByRoleOptions { NameRegex = new Regex("testnet4") })).ToBeCheckedAsync();

        await steps.GetByTestId("network-regtest").ClickAsync();
        await steps.GetByTestId("directory").FillAsync(second);
        await steps.GetByTestId("begin").ClickAsync();

        await Expect(page.GetByTestId("no-wallet")).ToContainTextAsync(Path.Combine(second, "regtest"));
        Assert.That(
            await File.ReadAllLinesAsync(settings),
            Is.EqualTo(
                [$"datadir={second}", "chain=regtest", "# mine", "keypool=1", "[regtest]", "uacomment=kept"]));
    }

    [Test]
    public void The_program_can_be_ended_before_the_choice_and_leaves_nothing()
    {
        Host gui = StartWithoutDirectory();

        gui.Signal("TERM");

        Assert.That(gui.WaitForExit(), Is.Zero);
        Assert.That(Directory.Exists(DefaultRoot), Is.False);
    }

    private Host StartWithoutDirectory(params string[] args)
        => Follow(Start(Program, ["-nobrowser", "-nolisten", "-keypool=1", .. args]));
}
