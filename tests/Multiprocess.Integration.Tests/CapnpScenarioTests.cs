using Multiprocess.CapnProto;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.Scenarios;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Integration.Tests;

/// <summary>
/// The fifth way: the scenarios run over Cap'n Proto, through the proxies that contracts without attributes have there,
/// and do what the object does. <see cref="CapnpInexpressible"/> lists those that Cap'n Proto cannot express.
/// </summary>
public sealed class CapnpScenarioTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private string _folder = "";
    private CapnpServer _server = null!;
    private CapnpConnection _connection = null!;
    private IWorkshop _root = null!;

    private static IEnumerable<TestCaseData> Same
        => Cases(scenario => scenario.Difference is null && !Inexpressible(scenario));

    private static IEnumerable<TestCaseData> Different
        => Cases(scenario => scenario.Difference is null && Inexpressible(scenario));

    [OneTimeSetUp]
    public void Begin()
    {
        _folder = Directory.CreateTempSubdirectory("mp").FullName;
        string address = "unix:" + Path.Combine(_folder, "scenarios.sock");
        _server = CapnpServer.Listen<IWorkshop>(address, _ => new Workshop());
        _connection = CapnpConnection.Connect(address);
        _root = _connection.GetRoot<IWorkshop>();
    }

    [OneTimeTearDown]
    public void End()
    {
        _connection?.Dispose();
        _server?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [TestCaseSource(nameof(Same))]
    public async Task Proxy_does_what_the_object_does(Scenario scenario)
    {
        string[] direct = await scenario.PlayAsync(new Workshop()).WaitAsync(s_patience);

        string[] remote = await PlayRemotelyAsync(scenario);

        Assert.That(remote, Is.EqualTo(direct));
    }

    [TestCaseSource(nameof(Different))]
    public async Task Listed_scenario_cannot_be_expressed(Scenario scenario)
    {
        string[] direct = await scenario.PlayAsync(new Workshop()).WaitAsync(s_patience);

        string[] remote;
        try
        {
            remote = await PlayRemotelyAsync(scenario);
        }
        catch (Exception exception) when (exception is not TimeoutException)
        {
            return;
        }

        Assert.That(remote, Is.Not.EqualTo(direct), "Cap'n Proto can express it: take it off the list.");
    }

    [Test]
    public void List_names_scenarios_that_there_are()
        => Assert.That(
            CapnpInexpressible.Scenarios.Keys, Is.SubsetOf(Scenario.All.Select(scenario => scenario.Name)));

    // Not on a thread of the test runner, whose threads the harness interrupts.
    private Task<string[]> PlayRemotelyAsync(Scenario scenario)
        => Task.Run(() => scenario.PlayAsync(_root)).WaitAsync(s_patience);

    private static bool Inexpressible(Scenario scenario) => CapnpInexpressible.Scenarios.ContainsKey(scenario.Name);

    private static IEnumerable<TestCaseData> Cases(Func<Scenario, bool> isMeant)
        => Scenario.All.Where(isMeant).Select(scenario => new TestCaseData(scenario).SetArgDisplayNames(scenario.Name));
}
