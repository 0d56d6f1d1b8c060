using Multiprocess.Scenarios;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Integration.Tests;

/// <summary>Where the object of a scenario is.</summary>
public enum Way
{
    /// <summary>In this process, behind proxies, over pipes in memory.</summary>
    InMemory,

    /// <summary>In this process, behind proxies, over a pair of sockets.</summary>
    SocketPair,

    /// <summary>In another process.</summary>
    TwoProcesses,
}

/// <summary>
/// Every contract test runs directly on the object and through a proxy, and what happened is compared.
/// </summary>
[TestFixture(Way.InMemory)]
[TestFixture(Way.SocketPair)]
[TestFixture(Way.TwoProcesses)]
public sealed class ScenarioTests(Way way)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private IpcChildProcess<IWorkshop>? _child;
    private IpcTestPair<IWorkshop>? _pair;

    private static IEnumerable<TestCaseData> Same => Cases(scenario => scenario.Difference is null);

    private static IEnumerable<TestCaseData> Different => Cases(scenario => scenario.Difference is not null);

    private IWorkshop Root => _child?.Root ?? _pair!.Root;

    [OneTimeSetUp]
    public void Begin()
    {
        if (way == Way.TwoProcesses)
        {
            _child = IpcChildProcess.Spawn<IWorkshop>(Path.Combine(AppContext.BaseDirectory, "multiprocess-scenarios"));
        }
        else
        {
            var transport = way == Way.InMemory ? IpcTestTransport.InMemory : IpcTestTransport.SocketPair;
            _pair = IpcTestPair.Create<IWorkshop>(new Workshop(), new IpcTestPairOptions { Transport = transport });
        }
    }

    [OneTimeTearDown]
    public void End()
    {
        _child?.Dispose();
        _pair?.Dispose();
    }

    [TestCaseSource(nameof(Same))]
    public async Task Proxy_does_what_the_object_does(Scenario scenario)
    {
        string[] direct = await scenario.PlayAsync(new Workshop()).WaitAsync(s_patience);

        string[] remote = await scenario.PlayAsync(Root).WaitAsync(s_patience);

        Assert.That(direct, Is.Not.Empty, "The scenario notes nothing.");
        Assert.That(remote, Is.EqualTo(direct));
    }

    [TestCaseSource(nameof(Different))]
    public async Task Proxy_differs_where_the_document_says_so(Scenario scenario)
    {
        string[] direct = await scenario.PlayAsync(new Workshop()).WaitAsync(s_patience);

        string[] remote = await scenario.PlayAsync(Root).WaitAsync(s_patience);

        Assert.That(
            remote,
            Is.Not.EqualTo(direct),
            "The difference is gone: take it off tests/README.md, and its mark off the scenario.");
    }

    private static IEnumerable<TestCaseData> Cases(Func<Scenario, bool> isMeant)
        => Scenario.All.Where(isMeant).Select(scenario => new TestCaseData(scenario).SetArgDisplayNames(scenario.Name));
}
