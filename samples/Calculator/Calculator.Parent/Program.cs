using Calc;
using Multiprocess;

using var child = IpcChildProcess.Spawn<ICalculator>("calc-worker");
Console.WriteLine($"3 + 3 = {child.Root.Add(3, 3)}");
Console.WriteLine($"The worker is a process of its own: {child.Id != Environment.ProcessId}");
try
{
    child.Root.Add(int.MaxValue, 1);
}
catch (OverflowException exception)
{
    Console.WriteLine($"What the worker throws is caught here: {exception.Message}");
}

child.Dispose();
Console.WriteLine($"The worker ended with {await child.Exited}.");
