using System.Diagnostics;
using Multiprocess.Contracts;

namespace Multiprocess.Calls;

/// <summary>What is left to do when a call of the peer was answered: its activity ends, and so does what it had borrowed.</summary>
internal readonly record struct AfterCall(Activity? Activity, List<IpcProxy>? Borrowed)
{
    /// <summary>Behind the answer: what was borrowed may be part of it.</summary>
    public void Run(CallChannel channel, Exception? thrown = null)
    {
        if (Borrowed is not null)
        {
            channel.EndBorrowing(Borrowed);
        }

        if (Activity is not null)
        {
            if (thrown is not null)
            {
                CallTrace.Failed(Activity, thrown);
            }

            Activity.Stop();
        }
    }
}
