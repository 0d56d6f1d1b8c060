using System.Net;
using System.Net.Sockets;
using System.Text;
using Multiprocess;

namespace Samples.Tests.Docs;

[IpcInterface]
public interface IIndexer
{
    int Index(FileStream document);

    FileStream OpenReport();

    void Serve(Socket client);

    void Render(SharedMemory picture);
}

/// <summary>Runs what docs/descriptors.md shows.</summary>
[Platform("Linux")]
[NonParallelizable]
public sealed class DescriptorsPageTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Test]
    public void Files_cross_in_both_directions()
    {
        using var folder = new InTemporaryFolder();
        File.WriteAllText("report.txt", "three short words");
        using var pair = IpcTestPair.Create<IIndexer>(new Indexer("report.txt"));
        IIndexer indexer = pair.Root;

        using FileStream document = File.OpenRead("report.txt");
        int words = indexer.Index(document);

        Assert.That(words, Is.EqualTo(3));
        using var report = new StreamReader(indexer.OpenReport());
        Assert.That(report.ReadToEnd(), Is.EqualTo("three short words"));
    }

    [Test]
    public async Task Sockets_and_memory_cross()
    {
        var implementation = new Indexer("none");
        using var pair = IpcTestPair.Create<IIndexer>(implementation);
        IIndexer printer = pair.Root;

        using var picture = SharedMemory.Create(16 * 1024 * 1024);
        Render(picture.Span);
        printer.Render(picture);

        Assert.That(implementation.LastByte, Is.EqualTo(9));

        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndPoint!).WaitAsync(s_patience);
        using (Socket accepted = await listener.AcceptAsync().WaitAsync(s_patience))
        {
            printer.Serve(accepted);
        }

        using var reader = new StreamReader(client.GetStream());
        Assert.That(await reader.ReadToEndAsync().WaitAsync(s_patience), Is.EqualTo("hello"));
    }

    private static void Render(Span<byte> pixels) => pixels.Fill(9);

    private sealed class Indexer(string path) : IIndexer
    {
        private readonly string _path = path;

        public byte LastByte { get; private set; }

        public int Index(FileStream document)
        {
            using var reader = new StreamReader(document);
            return reader.ReadToEnd().Split(' ').Length;
        }

        public FileStream OpenReport()
        {
            FileStream report = File.OpenRead(_path);
            IpcCall.Current?.DisposeAfterAnswer(report);
            return report;
        }

        public void Serve(Socket client)
        {
            using (client)
            {
                client.Send(Encoding.UTF8.GetBytes("hello"));
            }
        }

        public void Render(SharedMemory picture)
        {
            using (picture)
            {
                LastByte = picture.ReadOnlySpan[^1];
            }
        }
    }
}
