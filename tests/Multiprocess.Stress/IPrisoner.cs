namespace Multiprocess.Stress;

/// <summary>A child in a sandbox, told to break out. Texts are "done", or the name of the exception.</summary>
[IpcInterface]
public interface IPrisoner
{
    string Read(string path);

    string Write(string path);

    string Rename(string from, string to);

    string Delete(string path);

    string Link(string path, string target);

    string Connect(int port);

    string Listen(string path);

    string Start(string program);

    string Signal(int processId);

    /// <summary>Starts threads, and collects garbage while they run.</summary>
    int CountThreads(int count);

    /// <summary>Makes a system call as it stands.</summary>
    /// <returns>The error number, or 0.</returns>
    int Call(long number, long first, long second, long third);

    /// <summary>A time of a zone whose rules are read from a file.</summary>
    int HourOfNoonIn(string zone);
}
