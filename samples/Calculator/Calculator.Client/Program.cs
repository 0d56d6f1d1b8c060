using Calc;
using Multiprocess;

string address = args.Length > 0 ? args[0] : "unix:calc.sock";
using var connection = IpcConnection.Connect<ICalculator>(address);
ICalculator calculator = connection.Root;
Console.WriteLine($"The server is process {connection.Peer.ProcessId}.");
Console.WriteLine($"2 + 3 = {calculator.Add(2, 3)}");
Console.WriteLine(calculator.TryDivide(7, 0, out _) ? "7 / 0 is a number?" : "7 / 0 is not possible.");

int thread = Environment.CurrentManagedThreadId;
using (calculator.Watch(
    result => Console.WriteLine(
        $"Watched {result}, on the same thread: {Environment.CurrentManagedThreadId == thread}")))
{
    calculator.TryDivide(7, 2, out int quotient);
    Console.WriteLine($"7 / 2 = {quotient}");
}

Console.WriteLine($"20 + 22 = {await calculator.AddSlowlyAsync(20, 22)}");
