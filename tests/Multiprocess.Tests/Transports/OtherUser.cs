using System.Runtime.InteropServices;

namespace Multiprocess.Tests.Transports;

/// <summary>Runs code as another user, on a thread of its own: to the kernel, users belong to threads.</summary>
internal static partial class OtherUser
{
    public const uint Id = 54_321;

    /// <summary>Runs the code, or skips the test where this process may not change its user.</summary>
    public static T Run<T>(Func<T> code)
    {
        Assume.That(Environment.UserName, Is.EqualTo("root"), "Only root can become another user.");
        T? result = default;
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                // The system call itself: the C library's function would change every thread of the process.
                nint number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 147 : 117;
                Assert.That((int)SystemCall(number, -1, (nint)Id, -1), Is.Zero);
                result = code();
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        });
        thread.Start();
        Assert.That(thread.Join(Bounds.Milliseconds), Is.True);
        return failure is null ? result! : throw failure;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint real, nint effective, nint saved);
}
