using System.IO.MemoryMappedFiles;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Descriptors;

/// <summary>Files, sockets, pipes and memory cross as descriptors, in every place.</summary>
public static class DescriptorScenarios
{
    public static void Files_cross_as_parameters(IWorkshop workshop, Notes notes)
    {
        IDescriptors root = workshop.Descriptors();
        using SafeFileHandle handle = Descriptors.MakeHandle("a handle");
        notes.Add("handle", root.ReadAll(handle));
        using FileStream stream = Descriptors.Make("a stream");
        stream.Position = 2;
        notes.Add("stream", root.ReadRest(stream));
    }

    public static void A_file_stream_keeps_position_access_and_name(IWorkshop workshop, Notes notes)
    {
        IDescriptors root = workshop.Descriptors();
        string path = Path.GetTempFileName();
        File.WriteAllText(path, "content");
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Read))
        {
            file.Position = 3;
            notes.Add(
                "read only", root.About(file).Replace(Path.GetFileName(path), "name", StringComparison.Ordinal));
        }

        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            notes.Add(
                "read and write", root.About(file).Replace(Path.GetFileName(path), "name", StringComparison.Ordinal));
        }

        File.Delete(path);
    }

    public static void What_one_writes_the_other_reads(IWorkshop workshop, Notes notes)
    {
        IDescriptors root = workshop.Descriptors();
        string path = Path.GetTempFileName();
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Write("begun "u8);
            root.Append(file, "ended");
        }

        notes.Add("written", File.ReadAllText(path));
        File.Delete(path);
    }

    public static async Task Files_cross_as_results_and_references(IWorkshop workshop, Notes notes)
    {
        IDescriptors root = workshop.Descriptors();
        using (FileStream file = root.Open("opened"))
        {
            notes.Add("result", Rest(file));
        }

        notes.Add("none", root.OpenNone() is null);
        using (SafeFileHandle handle = root.OpenHandle("a handle"))
        {
            notes.Add("handle", Descriptors.Read(handle));
        }

        notes.Add("out", (root.TryOpen("tried", out SafeFileHandle? tried), Descriptors.Read(tried!)));
        tried!.Dispose();
        notes.Add("out, none", (root.TryOpen("", out SafeFileHandle? none), none is null));
        FileStream replaced = Descriptors.Make("before");
        root.Replace(ref replaced, "after");
        notes.Add("ref", Rest(replaced));
        await replaced.DisposeAsync();
        await using FileStream later = await root.OpenAsync("later");
        notes.Add("task", Rest(later));
    }

    public static async Task Files_cross_in_sequences(IWorkshop workshop, Notes notes)
    {
        var read = new List<string>();
        await foreach (FileStream file in workshop.Descriptors().OpenMany(100))
        {
            await using (file)
            {
                read.Add(Rest(file));
            }
        }

        notes.Add("read", (read.Count, read[0], read[^1]));
    }

    public static void Files_cross_in_callbacks(IWorkshop workshop, Notes notes)
    {
        IDescriptors root = workshop.Descriptors();
        notes.Add("asked", root.Ask(Descriptors.Make));
        notes.Add("told", root.Tell(file => Descriptors.Read(file) + " here", "told"));
    }

    public static void Sockets_cross(IWorkshop workshop, Notes notes)
    {
        IDescriptors root = workshop.Descriptors();
        (Socket mine, Socket theirs) = Descriptors.SocketPair();
        using (mine)
        {
            mine.Send("for you"u8);
            using (theirs)
            {
                notes.Add("received", root.Receive(theirs));
            }

            byte[] answer = new byte[6];
            mine.Receive(answer);
            notes.Add("answered", Encoding.UTF8.GetString(answer));
        }

        using var socket = new Socket(root.Greet("hello"));
        byte[] greeting = new byte[5];
        int count = socket.Receive(greeting);
        notes.Add("greeted", (Encoding.UTF8.GetString(greeting, 0, count), socket.ProtocolType, socket.AddressFamily));
    }

    public static void Pipes_cross(IWorkshop workshop, Notes notes)
    {
        IDescriptors root = workshop.Descriptors();
        using (var server = new AnonymousPipeServerStream(PipeDirection.Out))
        {
            server.Write("through a pipe"u8);
            using var client = new AnonymousPipeClientStream(PipeDirection.In, server.ClientSafePipeHandle);
            server.Dispose();
            notes.Add("read", root.ReadPipe(client.SafePipeHandle));
        }

        using AnonymousPipeClientStream spoken = root.Speak("spoken");
        using var reader = new StreamReader(spoken);
        notes.Add("heard", reader.ReadToEnd());
    }

    public static void Memory_crosses(IWorkshop workshop, Notes notes)
    {
        IDescriptors root = workshop.Descriptors();
        using (var map = new Descriptors().MapOf([1, 2, 3, 4]))
        {
            notes.Add("map", root.SumOf(map));
        }

        using (MemoryMappedFile map = root.MapOf([5, 6, 7, 8]))
        using (MemoryMappedViewAccessor view = map.CreateViewAccessor())
        {
            notes.Add("mapped", (view.ReadByte(0), view.ReadByte(3)));
        }

        using var memory = SharedMemory.Create(1000);
        memory.Span.Fill(3);
        notes.Add("sum", root.Sum(memory));
        using SharedMemory frozen = root.Share([7, 8, 9], freeze: true);
        notes.Add(
            "shared",
            (frozen.Length, frozen.ReadOnlySpan[0], frozen.ReadOnlySpan[2], frozen.IsReadOnly, frozen.IsFrozen));
    }

    public static void Values_bring_descriptors(IWorkshop workshop, Notes notes)
    {
        IDescriptors root = workshop.Descriptors();
        var parcel = new Parcel(
            "mine",
            Descriptors.Make("a file"),
            [Descriptors.MakeHandle("one"), Descriptors.MakeHandle("two")],
            SharedMemory.Create([1, 2]));
        notes.Add("unpacked", root.Unpack(parcel));
        Parcel packed = root.Pack("theirs", 3);
        notes.Add(
            "packed",
            (packed.Label,
                Rest(packed.File),
                packed.More.Count,
                Descriptors.Read(packed.More[2]),
                packed.Picture!.Length));
        packed.File.Dispose();
        packed.More.ForEach(file => file.Dispose());
        packed.Picture.Dispose();
        Slot slot = root.Fill(new Slot { Number = 1 });
        notes.Add("slot", (slot.Number, Descriptors.Read(slot.File!)));
        slot.File!.Dispose();
        notes.Add("some", root.Count([Descriptors.MakeHandle("a"), null, Descriptors.MakeHandle("b")]));
        notes.Add(
            "by name",
            root.ReadAllOf(
                new() { ["b"] = Descriptors.MakeHandle("second"), ["a"] = Descriptors.MakeHandle("first") }));
    }

    public static void A_closed_handle_is_refused(IWorkshop workshop, Notes notes)
    {
        SafeFileHandle closed = Descriptors.MakeHandle("closed");
        closed.Dispose();
        bool isRefused = false;
        try
        {
            workshop.Descriptors().ReadAll(closed);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or IpcException)
        {
            isRefused = true;
        }

        notes.Add("refused", isRefused);
    }

    private static string Rest(FileStream file)
    {
        using var reader = new StreamReader(file, leaveOpen: true);
        return reader.ReadToEnd();
    }
}
