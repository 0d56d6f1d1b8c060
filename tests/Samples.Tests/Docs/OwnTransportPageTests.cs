using System.IO.Pipes;
using Calc;
using Multiprocess;

namespace Samples.Tests.Docs;

/// <summary>Runs what docs/own-transport.md shows.</summary>
public sealed class OwnTransportPageTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    private readonly string _name = $"calc-{Guid.NewGuid():N}";

    [Test]
    public async Task Server_and_client_talk_over_a_named_pipe()
    {
        Task serving = ServeAsync(_name);

        Assert.That(await CallAsync(_name).WaitAsync(s_bound), Is.EqualTo(5));
        await serving.WaitAsync(s_bound);
    }

    private async Task ServeAsync(string name)
    {
        var stream = new NamedPipeServerStream(
            name,
            PipeDirection.InOut,
            1,
            PipeTransmissionMode.Byte,
            PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        await stream.WaitForConnectionAsync();
        using var connection = await IpcServer.ServeAsync<ICalculator>(stream, connection => new Calculator());
        await connection.Completion;
    }

    private async Task<int> CallAsync(string name)
    {
        var stream = new NamedPipeClientStream(
            ".", name, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        await stream.ConnectAsync();
        using var connection = await IpcConnection.ConnectAsync<ICalculator>(stream);
        int five = connection.Root.Add(2, 3);
        return five;
    }
}
