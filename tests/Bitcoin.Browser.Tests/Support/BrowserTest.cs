using System.Collections.Concurrent;
using Bitcoin.Functional.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Bitcoin.Browser.Support;

/// <summary>
/// A test of the page that a program serves, in a browser. After each: the browser has found no error in the page, and
/// the program ends well.
/// </summary>
internal abstract class BrowserTest(string program) : FunctionalTest
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<Host> _guis = [];
    private readonly List<IBrowserContext> _contexts = [];
    private readonly ConcurrentQueue<string> _faults = new();

    /// <summary>The program that serves the page.</summary>
    protected string Program => program;

    /// <summary>Whether its node and its wallets are processes of their own.</summary>
    protected bool IsSeveral => program == Programs.Several;

    /// <summary>Whether the browser may report requests that were lost or refused.</summary>
    protected bool MayComplain { get; set; }

    [SetUp]
    public void Begin()
    {
        MayComplain = false;
        _faults.Clear();
    }

    [TearDown]
    public async Task End()
    {
        string[] faults = [.. _faults];
        await KeepPictures();
        foreach (IBrowserContext context in _contexts)
        {
            await context.CloseAsync();
        }

        _contexts.Clear();
        foreach (Host gui in _guis.Where(static gui => !gui.HasExited))
        {
            gui.Signal("TERM");
        }

        _guis.Clear();
        Assert.That(MayComplain ? [] : faults, Is.Empty, "what the browser says of the page");
    }

    /// <summary>Starts the program on regtest, with this test's directory.</summary>
    protected Host StartPage(params string[] args)
        // More keys than those of the other tests, which use few: a wallet made from words looks for as many.
        => Follow(StartHere(program, ["-notext", "-nobrowser", "-server", "-keypool=20", .. args]));

    /// <summary>Waits until a program serves its page, and ends it after the test.</summary>
    protected Host Follow(Host gui)
    {
        _guis.Add(gui);
        gui.WaitForLine("Open http");
        return gui;
    }

    /// <summary>The address that the program has printed last.</summary>
    protected static string Entry(Host gui)
        => gui.Output.Split('\n').Last(static line => line.Contains("http://", StringComparison.Ordinal))
            .Split(' ')[^1];

    /// <summary>A window of its own, without cookies, in English and of ordinary width.</summary>
    protected async Task<IPage> Window(BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.Locale ??= "en";
        options.ViewportSize ??= new ViewportSize { Width = 1280, Height = 900 };
        options.ReducedMotion = ReducedMotion.Reduce;
        IBrowserContext context = await Chromium.Browser.NewContextAsync(options);
        _contexts.Add(context);
        context.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        IPage page = await context.NewPageAsync();
        page.PageError += (_, error) => _faults.Enqueue(error);
        page.Response += (_, response) =>
        {
            if (response.Status >= 400)
            {
                _faults.Enqueue($"{response.Status} for {response.Url}");
            }
        };
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _faults.Enqueue(message.Text);
            }
        };
        return page;
    }

    /// <summary>A test that failed keeps what its windows showed last.</summary>
    private async Task KeepPictures()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status != NUnit.Framework.Interfaces.TestStatus.Failed)
        {
            return;
        }

        foreach ((int number, IPage page) in _contexts.SelectMany(static context => context.Pages).Index())
        {
            string path = Path.Combine(
                TestContext.CurrentContext.WorkDirectory, $"{TestContext.CurrentContext.Test.ID}-{number}.png");
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = path });
            TestContext.AddTestAttachment(path);
        }
    }

    /// <summary>Keeps a picture where somebody asked for pictures, to look at them.</summary>
    protected async Task Keep(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("PAGE_PICTURES") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(
                new PageScreenshotOptions { Path = Path.Combine(folder, $"{Program}-{name}.png"), FullPage = true });
        }
    }

    /// <summary>Opens the page of a program and waits until the node is there.</summary>
    protected async Task<IPage> Open(Host gui, BrowserNewContextOptions? options = null)
    {
        IPage page = await Window(options);
        await page.GotoAsync(Entry(gui));
        await Expect(page.GetByTestId("node")).ToContainTextAsync("regtest");
        return page;
    }

    /// <summary>Goes to a page by the menu, and waits until it stands there.</summary>
    protected static async Task Go(IPage page, string title)
    {
        await page.GetByRole(AriaRole.Navigation)
            .GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = title, Exact = true })
            .ClickAsync();
        await Expect(Title(page)).ToHaveTextAsync(title);
    }

    protected static ILocator Title(IPage page)
        => page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Level = 1 });

    /// <summary>Enters a text and leaves the field, as a user does who goes on.</summary>
    protected static async Task Fill(ILocator field, string text)
    {
        await field.FillAsync(text);
        await field.BlurAsync();
    }

    /// <summary>Makes a wallet with 50 coins to spend and its last payments, past the page.</summary>
    protected RpcClient MakeWallet(string name = "savings")
    {
        Rpc().Call("createwallet", name);
        RpcClient rpc = Rpc(name);
        Rpc().Call("generatetoaddress", 1, rpc.Text("getnewaddress"));
        Rpc().Call("generatetoaddress", 100, Address);
        return rpc;
    }

    /// <summary>Enters a line in the console, and waits for the answer.</summary>
    protected static async Task Command(IPage page, string line)
    {
        await Go(page, "Console");
        await page.GetByTestId("line").FillAsync(line);
        await page.GetByTestId("run").ClickAsync();
        await Expect(page.GetByTestId("entry").Filter(new LocatorFilterOptions { HasText = line })).ToBeVisibleAsync();
    }
}
