using Bitcoin.GuiWeb.Model;
using Bitcoin.GuiWeb.Parts;
using Bitcoin.Interfaces;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;
using NUnit.Framework.Internal;

namespace Bitcoin.Gui.Tests.Support;

/// <summary>A test of pages over a node that runs and has one wallet.</summary>
internal abstract class PageTest
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private string _directory;

    protected FakeNode Node { get; private set; }

    protected FakeWallet Wallet { get; private set; }

    protected NodeModel Model { get; private set; }

    protected Choices Choices { get; private set; }

    protected BunitContext Pages { get; private set; }

    [SetUp]
    public void Prepare()
    {
        _directory = Directory.CreateTempSubdirectory("gui-").FullName;
        Node = new FakeNode();
        Wallet = Node.Wallets!.Add("savings");
        Node.Answer("listtransactions", "[]");
        Model = new NodeModel("regtest", _directory);
        Model.Open(Node, new ProcessInfo("bitcoin-node", 4711));
        Choices = Choices.Load(_directory);
        Pages = new BunitContext();
        Pages.JSInterop.Mode = JSRuntimeMode.Loose;
        Pages.Services.AddMudServices();
        Pages.Services.AddSingleton(Model);
        Pages.Services.AddSingleton(Choices);
        Pages.Services.AddScoped<Session>();
        Pages.Services.AddScoped<Clipboard>();
        Pages.Services.AddSingleton<CallMeter>();
        Pages.Render<MudPopoverProvider>();
    }

    [TearDown]
    public async Task End()
    {
        await Pages.DisposeAsync();
        Model.Close("The test has ended.");
        Assert.That(
            () => Node.Handlers,
            Is.Zero.After((int)Patience.TotalMilliseconds, 10),
            "what is registered with the node is taken back");
        Directory.Delete(_directory, recursive: true);
    }

    protected IRenderedComponent<T> Show<T>()
        where T : IComponent => Pages.Render<T>();

    /// <summary>Waits until an assertion about a component holds.</summary>
    protected static void WaitFor<T>(IRenderedComponent<T> component, Action assertion)
        where T : IComponent
    {
        component.WaitForAssertion(
            () =>
            {
                // A failure counts only when it is the last one: NUnit would note each.
                using TestExecutionContext.IsolatedContext isolated = new();
                assertion();
            },
            Patience);
    }

    protected static string Of<T>(IRenderedComponent<T> component, string name)
        where T : IComponent => component.Find($"[data-test={name}]").TextContent.Replace('\u00a0', ' ').Trim();
}
