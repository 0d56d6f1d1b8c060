using Calc;
using Multiprocess;

namespace Samples.Tests.Docs;

/// <summary>Runs what docs/processes.md shows, and docs/getting-started.md.</summary>
public sealed class ProcessesPageTests
{
    [Test]
    public void Server_and_client_talk()
    {
        using var folder = new InTemporaryFolder();

        using var server = IpcServer.Listen<ICalculator>("unix:calc.sock", connection => new Calculator());
        using var connection = IpcConnection.Connect<ICalculator>("unix:calc.sock");
        int five = connection.Root.Add(2, 3);

        Assert.That(five, Is.EqualTo(5));
    }

    [Test]
    public void Supervised_child_answers()
    {
        string program = Repository.Program("calculator", "calc-worker");

        using var workers = IpcSupervisor<ICalculator>.Start(program);

        Assert.That(workers.Root.Add(2, 3), Is.EqualTo(5));
    }

    [Test]
    public void Child_is_prepared_and_its_root_followed()
    {
        string program = Repository.Program("calculator", "calc-worker");

        using var prepared = IpcSupervisor<ICalculator>.Start(
            program,
            prepare: (child, cancellationToken) =>
            {
                child.Root.Watch(result => Console.WriteLine(result));
                return Task.CompletedTask;
            });
        ICalculator calculator = prepared.FollowingRoot;

        Assert.That(calculator.Add(2, 3), Is.EqualTo(5));
    }

    [Test]
    [Platform("Linux")]
    public void Confined_child_answers()
    {
        string program = Repository.Program("calculator", "calc-worker");
        string dataDirectory = Directory.CreateTempSubdirectory("confined-").FullName;

        var options = new IpcSpawnOptions
        {
            Sandbox = new IpcSandbox { WritablePaths = [dataDirectory], Require = true },
        };
        using var confined = IpcChildProcess.Spawn<ICalculator>(program, options);

        Assert.That(confined.Root.Add(2, 3), Is.EqualTo(5));
        Directory.Delete(dataDirectory);
    }

    /// <summary>As the page has it, with the bare name of a program beside this one.</summary>
    private static int OfThePage()
    {
        using var workers = IpcSupervisor<ICalculator>.Start("calc-worker");
        int five = workers.Root.Add(2, 3);
        return five;
    }
}
