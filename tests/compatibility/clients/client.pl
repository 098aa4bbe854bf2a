#!/usr/bin/perl
# Perl's LWP, which keeps its connection.
use strict;
use warnings;
use HTTP::Request;
use JSON::PP;
use LWP::UserAgent;

my ($base, $sku, $task) = @ARGV;
my $agent = LWP::UserAgent->new(keep_alive => 1, timeout => 30);

sub check {
    my ($found, $wanted) = map { encode_json($_) } @_;
    die "$found and not $wanted\n" unless $found eq $wanted;
}

sub ask {
    my ($method, $path, $body, @headers) = @_;
    my $request = HTTP::Request->new($method, "$base$path", [@headers]);
    if ($body) {
        $request->content_type("application/json");
        $request->content(encode_json($body));
    }
    return $agent->request($request);
}

sub placed {
    my $answer = ask("POST", "/order/", { product => $sku, quantity => 2 }, @_);
    my $order = decode_json($answer->content);
    check([ $answer->code + 0, $order->{status} ], [ 201, "in_progress" ]);
    return ($order->{id}, $answer);
}

# So many server-sent events: the transfer is broken off behind them.
sub events {
    my ($path, $count, @headers) = @_;
    my ($text, @found) = ("");
    my $request = HTTP::Request->new("GET", "$base$path", [ Accept => "text/event-stream", @headers ]);
    LWP::UserAgent->new(timeout => 30)->request($request, sub {
        $text .= $_[0];
        while ($text =~ s/\A(.*?)\n\n//s) {
            my $block = $1;
            my ($id, $data) = ($block =~ /^id: (.*)$/m, $block =~ /^data: (.*)$/m);
            push @found, [ $id, decode_json($data)->{position} ] if defined $data;
        }
        die "enough\n" if @found >= $count;
    }, 256);
    return @found[ 0 .. $count - 1 ];
}

if ($task eq "place") {
    placed();
} elsif ($task eq "abort") {
    my ($id) = placed();
    my $answer = ask("PUT", "/order/$id/abort/");
    check([ $answer->code + 0, decode_json($answer->content)->{status} ], [ 200, "aborted" ]);
} elsif ($task eq "repeat") {
    my ($first) = placed("Idempotency-Key" => "key of $sku");
    my ($again, $answer) = placed("Idempotency-Key" => "key of $sku");
    check([ $again, $answer->header("Idempotency-Replayed") ], [ $first, "true" ]);
} elsif ($task eq "refused") {
    my ($id) = placed();
    ask("PUT", "/order/$id/abort/");
    my $answer = ask("PUT", "/order/$id/abort/");
    check([ $answer->code + 0, decode_json($answer->content)->{type} ], [ 409, "order_already_aborted" ]);
} elsif ($task eq "list") {
    my @made = map { (placed())[0] } 1 .. 5;
    my %found;
    for (my $cursor = ""; defined $cursor;) {
        my $uri = URI->new("/order/");
        $uri->query_form(product => $sku, limit => 2, $cursor eq "" ? () : (cursor => $cursor));
        my $page = decode_json(ask("GET", $uri)->content);
        ++$found{ $_->{id} } for @{ $page->{orders} };
        $cursor = $page->{next};
    }
    check([ map { $found{$_} } @made ], [ (1) x 5 ]);
} elsif ($task eq "follow") {
    placed() for 1 .. 3;
    my $path = "/events/?stream=product/$sku";
    my @positions = map { decode_json($_)->{position} } split /\n/, ask("GET", $path)->content;
    my @first = events($path, 2);
    check([ map { $_->[1] } @first ], [ @positions[ 0, 1 ] ]);
    my ($resumed) = events($path, 1, "Last-Event-ID" => $first[1][0]);
    check([ $resumed->[1] ], [ $positions[2] ]);
} elsif ($task eq "idle") {
    placed();
    sleep 12;
    placed();
}
